/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The threads of one round. */
#ifndef TESTS_PRELOAD_RACES_CREW_H
#define TESTS_PRELOAD_RACES_CREW_H

#include <pthread.h>
#include <stdbool.h>

#include "pair.h"

struct crew {
	struct pair *pair;
	bool over; /* for those that only look on; atomic */
	pthread_t movers[4], watchers[3];
};

/* Two that send and two that receive; they end with the connection. */
void crew_move(struct crew *crew);
void crew_await_movers(struct crew *crew);
/* One polls both ends, one has them in a set, one asks and sets this and that. */
void crew_watch(struct crew *crew);
void crew_dismiss_watchers(struct crew *crew);

#endif
