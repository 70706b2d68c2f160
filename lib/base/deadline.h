/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef XSOCK_BASE_DEADLINE_H
#define XSOCK_BASE_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* A moment of CLOCK_MONOTONIC. */
struct deadline {
	bool never;
	int64_t at; /* nanoseconds */
};

/* This moment. */
int64_t deadline_now(void);
/* Of this thread's own time, in which others that run in its place have no part. */
int64_t deadline_cpu_now(void);
/* In `timeout` ms; negative: never. */
struct deadline deadline_in(int timeout);
bool deadline_passed(struct deadline deadline);
/* Is there time left of `limit` ms (0: no limit), which begin with the first question? */
bool deadline_lasts(struct deadline *deadline, int limit);
/* For poll(2): ms left, rounded up, -1 for never. */
int deadline_left(struct deadline deadline);
struct deadline deadline_earlier(struct deadline one, struct deadline other);
/* For timerfd and pthread_cond_timedwait with CLOCK_MONOTONIC; of a deadline that is not never. */
struct timespec deadline_timespec(struct deadline deadline);

#endif
