/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Two actors that hold the ends of TCP connections: over plain TCP, or under the library. What they
 * are told and what they answer is written down as the trace of the operation at hand.
 */
#ifndef TESTS_PRELOAD_SOAK_WORLD_H
#define TESTS_PRELOAD_SOAK_WORLD_H

#include "model.h"

#include <sys/types.h>

/* How actors are started. */
struct setup {
	const char *self;      /* this program */
	const char *run;       /* xsock-run; NULL: plain TCP */
	const char *directory; /* for the local platform, the log, the hosts */
	int wait;              /* ms, for --wait; -1: not given */
	bool strict;
	const char *ring;
	const char *chaos;
};

struct actor_end {
	pid_t pid, child;
	int channels[PERFORMERS];
	pid_t ids[PERFORMERS]; /* as /proc names them */
	struct request under_way[PERFORMERS];
};

struct world {
	const char *name;
	const struct setup *setup;
	struct actor_end ends[ENDS];
	struct model model;
	bool broken; /* an actor died or did not answer: nothing more can be done */
	size_t length;
	char trace[16384];
};

/* False with a message when the actors do not start. */
bool world_start(struct world *world, const char *name, const struct setup *setup);
/* Ends what is left of the actors, however they are. */
void world_stop(struct world *world);
/* One end anew, after its actor was killed; waits for that first. */
void world_kill(struct world *world, enum end end);
bool world_restart_end(struct world *world, enum end end);

/* Has a performer do something, and waits for the answer. */
void perform(struct world *world, enum end end, enum performer performer,
	     const struct request *request, struct reply *reply);
/* The two halves. Between them other performers can act. */
void start(struct world *world, enum end end, enum performer performer,
	   const struct request *request);
void finish(struct world *world, enum end end, enum performer performer, struct reply *reply);
/* Waits until the performer says that its call was interrupted; false: it was not. */
bool await_note(struct world *world, enum end end, enum performer performer);
/* Waits a while for the performer to sleep, in the call that it was started in. Not a verdict: a
 * call that has not begun to wait yet must have the same outcome. */
void await_asleep(struct world *world, enum end end, enum performer performer);
/* What a further performer says when it is there. */
void await_ready(struct world *world, enum end end, enum performer performer);

void note(struct world *world, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
