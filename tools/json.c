/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

#define CHARACTER_MAX 4 /* bytes */

static const char replacement[] = "\xef\xbf\xbd";

/* The bytes of the character that a text begins with, as jansson judges; 0 when it begins with
 * none. */
static size_t character(const char *text)
{
	for (size_t length = 1; length <= CHARACTER_MAX && text[length - 1]; length++) {
		json_t *found = json_stringn(text, length);

		json_decref(found);
		if (found)
			return length;
	}
	return 0;
}

json_t *json_text(const char *text)
{
	json_t *value = json_string(text);
	char *mended, *end;

	if (value)
		return value;
	mended = malloc(strlen(text) * strlen(replacement) + 1);
	if (!mended)
		return NULL;
	end = mended;
	while (*text) {
		size_t length = character(text);

		end = mempcpy(end, length ? text : replacement,
			      length ? length : strlen(replacement));
		text += length ? length : 1;
	}
	*end = '\0';
	value = json_string(mended);
	free(mended);
	return value;
}

json_t *json_count(uint64_t number)
{
	return json_integer(number < INT64_MAX ? (json_int_t)number : INT64_MAX);
}

bool json_put(json_t *value, size_t flags)
{
	int failed;

	if (!value)
		return complain(NULL, "out of memory"), false;
	failed = json_dumpf(value, stdout, flags | JSON_REAL_PRECISION(10));
	json_decref(value);
	if (failed)
		complain("standard output", "%s", strerror(errno));
	return !failed;
}
