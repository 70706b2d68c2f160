/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a process holds: open descriptors and shared mappings, before and after. */
#ifndef TESTS_SUPPORT_LEAKS_H
#define TESTS_SUPPORT_LEAKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct leaks {
	char **lines;
	size_t count;
};

/* Notes what this process holds now; aborts when /proc cannot be read. */
void leaks_take(struct leaks *held);
void leaks_free(struct leaks *held);

/* True when the process holds nothing now that it did not hold then; prints "# leaked: ..." lines
 * else. */
bool leaks_none(const struct leaks *then, FILE *out);

/* How many of the noted lines contain `text`; "" counts all. */
size_t leaks_count(const struct leaks *held, const char *text);

/* Bytes of shared mappings. */
size_t leaks_mapped(const struct leaks *held);

#endif
