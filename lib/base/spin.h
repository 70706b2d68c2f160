/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Before a thread sleeps it asks for a moment whether that is needed: to be woken costs both ends
 * more than a short wait. How long depends on how it went before: where the other end never comes
 * so soon, as when both share a processor, hardly ever at all.
 */
#ifndef XSOCK_BASE_SPIN_H
#define XSOCK_BASE_SPIN_H

#include <stdbool.h>
#include <stdint.h>

struct spin {
	uint32_t credit;   /* 0: it sleeps at once */
	uint32_t skipped;  /* waits that slept at once since the last that asked */
	uint32_t patience; /* how many are to, before one asks again */
};

void spin_init(struct spin *spin);

/* It was not in vain of late, or that is long ago. For each wait once; one thread at a time, this and the next. */
bool spin_is_due(struct spin *spin);
/* It costs too much to ask. */
void spin_failed(struct spin *spin);
/* Asks until there(what); true once it is. */
bool spin_now(struct spin *spin, bool (*there)(const void *what), const void *what);

static inline bool spin_for(struct spin *spin, bool (*there)(const void *what), const void *what)
{
	return spin_is_due(spin) && spin_now(spin, there, what);
}

/* It was not in vain of late: both ends are at work at once. */
static inline bool spin_pays(const struct spin *spin)
{
	return spin->credit > 0;
}

#endif
