/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Threads that use one socket at the same time, until they are told that it is over. */
#ifndef TESTS_INTEGRATION_RACES_H
#define TESTS_INTEGRATION_RACES_H

#include "expect.h"

#include <pthread.h>
#include <stdatomic.h>

#define RACERS_MOST 8

struct racers {
	struct xsock *socket;
	atomic_bool over;
	pthread_t threads[RACERS_MOST];
	unsigned count;
};

/* Each of `work` in a thread of its own, with the racers as its argument. */
void racers_start(struct racers *racers, void *(*const *work)(void *), unsigned count);
bool racers_go_on(const struct racers *racers);
/* Tells them that it is over, and waits for them. */
void racers_end(struct racers *racers);

/* Work that disturbs nobody: polls; waits on the descriptor, for one thing after another; reads the
 * counters and sets the time limits. */
void *race_poll(void *racers);
void *race_descriptor(void *racers);
void *race_info(void *racers);

#endif
