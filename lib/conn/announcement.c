/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conn/announcement.h"

#include <stdio.h>

#include "base/error.h"
#include "conn/message.h"

/* 1 when there is one, else as announcement_read. */
static int read_message(struct platform *platform, struct store *store,
			const struct address *address, struct message *message)
{
	char path[STORE_PATH_MAX], text[STORE_VALUE_MAX];
	ssize_t length;

	path_service(path, address->domain, address->service);
	length = platform->ops->store_read(store, path, text, sizeof text);
	/* XenStore says EACCES for what is missing below a node that this domain may not read. An
	 * empty node: a listener is just being set up. */
	if (length == 0 || length == -ENOENT || length == -EACCES)
		return 0;
	if (length < 0 && length != -E2BIG)
		return (int)length;
	if (length < 0 || message_parse(text, message) != 0)
		return fail(EPROTO, "domain %u announces '%s' in no form known here",
			    address->domain, address->service);
	if (!message_sizes_valid(message))
		return fail(EPROTO, "the listener '%s' of domain %u names impossible ring sizes",
			    address->service, address->domain);
	if (message->value[KEY_VERSION] != MESSAGE_VERSION)
		return fail(EPROTO, "the listener speaks version %llu, this end %u",
			    (unsigned long long)message->value[KEY_VERSION], MESSAGE_VERSION);
	return 1;
}

static int check_limit(const struct message *announcement, const struct terms *terms)
{
	uint64_t limit = announcement->value[KEY_MAX];
	uint64_t largest = terms->send > terms->recv ? terms->send : terms->recv;

	if (!message_has(announcement, KEY_MAX) || largest <= limit)
		return 0;
	return fail(EDQUOT,
		    "a ring of %llu bytes is over the listener's limit, %llu (its option max_ring)",
		    (unsigned long long)largest, (unsigned long long)limit);
}

/* A size that only the listener names may be more than this end wants to grant or map. */
static int check_own_limit(const struct wishes *wishes, const struct terms *terms)
{
	if ((wishes->send != 0 || terms->send <= wishes->max) &&
	    (wishes->recv != 0 || terms->recv <= wishes->max))
		return 0;
	return fail(
		EDQUOT,
		"the listener wants rings of %llu and %llu bytes, over this end's limit, %llu (its option max_ring)",
		(unsigned long long)terms->send, (unsigned long long)terms->recv,
		(unsigned long long)wishes->max);
}

int announcement_read(struct platform *platform, struct store *store, const struct address *address,
		      const struct wishes *wishes, struct announcement *announcement)
{
	struct message message;
	struct wishes theirs;
	int result = read_message(platform, store, address, &message);

	if (result <= 0)
		return result;
	*announcement = (struct announcement){ .open = message.value[KEY_OPEN] != 0 };
	theirs = message_wishes(&message, address->domain);
	if (terms_agree(wishes, &theirs, false, &announcement->terms) != CLASH_NONE) {
		snprintf(announcement->clash, sizeof announcement->clash, "%s", last_failure());
		return 1;
	}
	result = check_own_limit(wishes, &announcement->terms);
	if (result == 0)
		result = check_limit(&message, &announcement->terms);
	return result == 0 ? 1 : result;
}
