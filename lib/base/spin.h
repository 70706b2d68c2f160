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
	int64_t sleep;     /* ns of the shorter sleeps lately */
};

#define SPIN_PATIENCE 16
/* Of one that has not asked yet. */
#define SPIN_INITIALIZER                                                                           \
	{                                                                                          \
		.credit = 4, .patience = SPIN_PATIENCE                                             \
	}

/* For how long, in ns, this wait may ask: 0 if it was in vain of late. For each wait once. */
int64_t spin_moment(struct spin *spin);
/* Asks that long until there(what); true once it is. Touches no struct spin. */
bool spin_ask(int64_t moment, bool (*there)(const void *what), const void *what);
/* What came of it; also false when it costs too much to ask. */
void spin_learn(struct spin *spin, bool came);

/* How long it took to send a wake-up, and how long a sleep was: what to ask for makes sense. The
 * first from any thread. */
void spin_note_wake_up(int64_t took);
void spin_note_sleep(struct spin *spin, int64_t slept);

/* All of that, where one thread has the struct spin for itself. */
static inline bool spin_for(struct spin *spin, bool (*there)(const void *what), const void *what)
{
	int64_t moment = spin_moment(spin);
	bool came = moment > 0 && spin_ask(moment, there, what);

	if (moment > 0)
		spin_learn(spin, came);
	return came;
}

/* It was not in vain of late: both ends are at work at once. */
static inline bool spin_pays(const struct spin *spin)
{
	return spin->credit > 0;
}

#endif
