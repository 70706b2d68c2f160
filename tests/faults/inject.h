/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether the call at hand is the one that fails. Only calls that the library makes inside its
 * public calls count: a scenario's own do not. */
#ifndef TESTS_FAULTS_INJECT_H
#define TESTS_FAULTS_INJECT_H

#include "board.h"

/* What this thread is in. */
struct inside {
	unsigned depth;
	unsigned faults; /* calls made to fail in the public call at hand */
};

extern _Thread_local struct inside inside;

/* To be called once before the sides are started. */
void inject_start(void);

/* 0, or the errno to fail with. Leaves errno alone. */
int injected(enum kind kind);

/* Return addresses from the wrapped call up to the public one; the rest 0. */
uint32_t inject_frames(void *frames[FRAMES]);

/* True, with errno set, when the call is to fail. */
bool fails(enum kind kind);

#endif
