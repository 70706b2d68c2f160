/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the kernel writes in /proc and /sys. */
#ifndef XSOCK_INSPECT_TEXT_H
#define XSOCK_INSPECT_TEXT_H

#include <stdbool.h>
#include <stdint.h>

/* The number that a text begins with; what follows it, or NULL when there is none or it is too
 * large. */
const char *text_number(const char *text, int base, uint64_t *number);

/* A line of /proc/PID/maps. */
struct text_mapping {
	uint64_t from, to;
	char rights[5];
	const char *path; /* up to the line's end; "" for none */
};

bool text_mapping(const char *line, struct text_mapping *mapping);

#endif
