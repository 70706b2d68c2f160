/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * When a direction's ring is changed for a larger or a smaller one; docs/protocol.md has the steps.
 * Each direction goes by itself, under the lock of its half at this end. Whatever call comes along
 * does what is due; none waits for the peer.
 */
#ifndef XSOCK_CONN_GROWTH_H
#define XSOCK_CONN_GROWTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/deadline.h"
#include "conn/references.h"

struct connection;

/* Pages of a ring that this end granted or mapped. */
struct ring_pages {
	void *address; /* NULL: none */
	size_t count;
};

/* One direction, as this end has it. */
struct growth {
	bool grows;
	bool sending;
	bool due;                /* a step: of whoever has the half's lock, or gets it; atomic */
	int way;                 /* GRANTER_TO_MAPPER, MAPPER_TO_GRANTER */
	uint64_t first, largest; /* bytes */

	/* The change under way, or the last one: exchange.c's. */
	uint32_t generation;                /* of the granter's last offer */
	uint64_t wish;                      /* the writer's last, as control_ring */
	uint32_t mapped, refused, unmapped; /* what the mapper said so far */
	bool ready;                         /* the writer may turn to the next ring */
	struct ring_pages next, old;
	struct reference_index index;
	int exchanges; /* since `period` began to run */
	struct deadline period;
	uint64_t changes, refusals;

	/* When to wish, growth.c's. */
	uint32_t need;    /* pages of the ring that a call of this end waits for; 0 none */
	unsigned needing; /* such calls: the largest need counts, until the last is over */
	uint32_t denied;  /* what was refused them; they may go on waiting for each other */
	uint64_t ask;     /* what the reader told the writer of it */
	bool hopeless;    /* and will not get; looked at by any thread */
	unsigned stalls;
	uint64_t stalled_at;
	struct deadline stall_counts; /* a stall after this is the first of a new row */
	struct deadline wish_again;   /* after a refusal */
	int64_t retry; /* that moment, while somebody waits for it; 0 never; any thread looks */
	uint64_t seen; /* the writer's index when it was last looked at */
	struct deadline idle;
};

/* Once the rings are there. */
void growth_open(struct connection *connection);
/* Gives back what is not in use; `wipe` as for pages_release. */
void growth_close(struct connection *connection, bool wipe);

/* Both directions: what is due; never waits for a half's lock, as a transfer may hold it for long,
 * but leaves it to who has it. Not with one held. */
void growth_attend(struct connection *connection);
/* After a half's lock was let go, when a step is due. */
void growth_catch_up(struct connection *connection, bool sending);

/* With the half's lock held, from here on. */

/* What is due in one direction. */
void growth_step(struct connection *connection, bool sending);
/* A send found the ring full. */
void growth_stalled(struct connection *connection);
/* A call waits for so many bytes at once: the ring is to have them, and keep them until the call is
 * over. */
void growth_need(struct connection *connection, bool sending, size_t bytes);
void growth_needs_no_more(struct connection *connection, bool sending);
/* For who needs more than the ring has, once that is hopeless: -EMSGSIZE. */
int growth_failure(size_t need, uint64_t size) __attribute__((cold));
/* exchange.c's signs: the next ring was refused; the ring was changed. */
void growth_refused(struct connection *connection, struct growth *growth);
void growth_changed(struct connection *connection, struct growth *growth);

/* For so many bytes the next two may have something to do. */
static inline bool growth_concerns(const struct growth *growth, size_t bytes)
{
	return growth->grows && (growth->ready || 2 * (uint64_t)bytes > growth->first);
}

/* Any thread. */
static inline bool growth_is_due(const struct growth *growth)
{
	return __atomic_load_n(&growth->due, __ATOMIC_RELAXED);
}

/* Any thread: when a step is due without an event. */
struct deadline growth_next_work(const struct growth *growth);

/* Any thread: nobody will make the ring large enough for what was needed. */
static inline bool growth_hopeless(const struct growth *growth)
{
	return __atomic_load_n(&growth->hopeless, __ATOMIC_ACQUIRE);
}

#endif
