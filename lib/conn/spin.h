/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Before a thread sleeps it asks for a moment whether that is needed: to be woken costs both ends
 * more than a short wait. How long depends on how it went before: where the other end never comes
 * so soon, as when both share a processor, hardly ever at all.
 */
#ifndef XSOCK_CONN_SPIN_H
#define XSOCK_CONN_SPIN_H

#include <stdbool.h>
#include <stdint.h>

struct spin {
	uint32_t credit;   /* 0: it sleeps at once */
	uint32_t skipped;  /* waits that slept at once since the last that asked */
	uint32_t patience; /* how many are to, before one asks again */
};

void spin_init(struct spin *spin);

/* Asks, unless it was in vain of late, whether the index has reached `target`; true once it has. What
 * is there is a peer's word and only compared. One thread at a time. */
bool spin_for(struct spin *spin, const uint64_t *index, uint64_t target);

/* It was not in vain of late: both ends are at work at once. */
static inline bool spin_pays(const struct spin *spin)
{
	return spin->credit > 0;
}

#endif
