/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The processes of a run. */
#ifndef TESTS_FAULTS_SIDE_H
#define TESTS_FAULTS_SIDE_H

#include <sys/types.h>

#include "contract/side.h"
#include "life.h"

/* How they end; anything else is a crash. */
enum side_status {
	SIDE_DONE = 0,
	SIDE_STOPPED = 40,   /* a check failed: all was closed, and nothing is left */
	SIDE_CUT_SHORT = 41, /* a check failed beside other threads: nothing was closed */
};

/* A life, in this process. */
int side_live(const struct life *life);
/* A scenario's side. */
int side_play(const struct scenario *scenario, char letter, unsigned peer);

/* As a new process of the domain that sweeps, and removes the test's own words. */
void side_sweep(void);

#endif
