/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "edges.h"

#include "common/wire.h"

#include <stdlib.h>
#include <string.h>

/* One event of a result, "NUMBER:NAMES" with a blank before; the length, or 0. */
static size_t event_length(const char *text)
{
	size_t digits = *text == ' ' ? strspn(text + 1, "0123456789") : 0;

	return digits > 0 && text[1 + digits] == ':' ? 1 + strcspn(text + 1, " \n") : 0;
}

static bool may_be_more(const char *event)
{
	return strtol(event + 1, NULL, 10) >= EDGES;
}

/* What the kernel tells when bytes came and were taken at once: that the item was woken, though nothing is new. */
static bool may_be_less(const char *event, size_t length)
{
	return may_be_more(event) && length > 4 && strncmp(event + length - 4, ":OUT", 4) == 0;
}

/* How many events there are is told in front of them. */
static void skip_count(const char **text)
{
	if (strncmp(*text, "-> ", 3) == 0)
		*text += 3 + strspn(*text + 3, "0123456789");
}

bool edges_agree(const char *plain, const char *carried)
{
	if (strstr(carried, "epoll-wait") == NULL || strstr(carried, "!!") != NULL)
		return false;
	while (*plain != '\0' || *carried != '\0') {
		size_t more, less;

		skip_count(&plain);
		skip_count(&carried);
		more = event_length(carried);
		less = event_length(plain);
		if (more > 0 && less == more && strncmp(plain, carried, more) == 0) {
			plain += less;
			carried += more;
		} else if (more > 0 && may_be_more(carried)) {
			carried += more;
		} else if (less > 0 && may_be_less(plain, less)) {
			plain += less;
		} else if (more > 0 || *plain++ != *carried++) {
			return false;
		}
	}
	return true;
}
