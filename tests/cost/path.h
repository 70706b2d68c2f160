/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is counted: the call, or the two calls, of one message. */
#ifndef COST_PATH_H
#define COST_PATH_H

#include <stdbool.h>
#include <stddef.h>

#define RING ((size_t)65536)
/* A whole lap even of messages of 64 bytes: what happens once a lap counts in full. */
#define ROUNDS 1024

struct path {
	const char *name;
	void (*step)(void); /* NULL ends a table */
	/* What a step needs, and what takes away what it left, uncounted; may be NULL. */
	void (*before)(void);
	void (*after)(void);
};

struct group {
	const char *name; /* NULL ends a table */
	const struct path *paths;
	void (*start)(void); /* may be NULL */
};

/* Of this program, counted one after the other. */
extern const struct group groups[];

/* Ends the process unless it is so. */
void must(bool is_so, const char *what);

#endif
