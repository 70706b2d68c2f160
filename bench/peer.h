/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What an adaptor offers: one way to move bytes between two processes.
 *
 * The process ends at the first error (see fail.h), so that no call here returns one.
 */
#ifndef BENCH_PEER_H
#define BENCH_PEER_H

#include "plan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The receiver, or the one that answers, listens. */
enum side { SIDE_LISTENS, SIDE_CONNECTS };

struct end; /* each adaptor has its own */
struct payload;

struct counters {
	bool known;
	uint64_t notifications; /* wake-ups of the other end */
	uint64_t waits;         /* times this end went to sleep */
};

#define ABLE_STREAM 1u /* moves bytes without end: throughput, paced */
#define ABLE_ROUND_TRIP 2u
#define ABLE_CONNECT 4u /* has a set-up of its own */
#define ABLE_MANY 8u    /* has a descriptor for an event loop */
#define ABLE_IDLE 16u   /* sleeps while it waits */
#define ABLE_MEMORY 32u
#define ABLE_APART 64u /* between two domains */
#define ABLE_ALL 63u

struct peer {
	const char *name;
	const char *kind; /* "real", "emulated", "limit" */
	unsigned abilities;
	size_t batch_bytes; /* what one call sends when messages are small; 0: one message */
	bool spins_itself;  /* its blocking call asks a while before it sleeps */

	/* Before the processes part, or in the one that listens; may be NULL. */
	void (*prepare)(const struct plan *plan);
	/* In the one that listens, before the other connects; may be NULL. */
	void (*listen)(const struct plan *plan);
	/* Connection number `index`; in the same order on both sides. */
	struct end *(*open)(const struct plan *plan, enum side side, unsigned index);
	void (*send)(struct end *end, const char *messages, size_t size, unsigned count);
	/* How many bytes came; 0 only without `wait`: nothing is there. */
	size_t (*receive)(struct end *end, char *buffer, size_t size, bool wait);
	void (*close)(struct end *end);

	/* In place instead of send and receive; NULL where a peer cannot. */
	void (*produce)(struct end *end, struct payload *payload, size_t size);
	size_t (*consume)(struct end *end, struct payload *payload);

	/* For an event loop: what to watch; what to do when it is readable (may be NULL). */
	int (*descriptor)(struct end *end);
	void (*woken)(struct end *end);

	void (*count)(struct end *end, struct counters *counters); /* may be NULL */
	size_t (*buffer)(struct end *end); /* bytes each way it really got; may be NULL */
	const char *(*refuses)(const struct plan *plan); /* why not; NULL if it can; may be NULL */
};

extern const struct peer *const peers[]; /* ends with NULL */

const struct peer *peer_named(const char *name);

#endif
