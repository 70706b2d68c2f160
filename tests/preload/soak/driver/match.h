/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The same script in two worlds, which must not differ. */
#ifndef TESTS_PRELOAD_SOAK_MATCH_H
#define TESTS_PRELOAD_SOAK_MATCH_H

#include "script.h"

#include <stdio.h>

#define WORLDS 2
#define HISTORY 20

/* What one end holds when no connection is open. */
struct holding {
	unsigned scripts; /* since it was started */
	int64_t descriptors, mappings;
};

struct match {
	struct setup setups[WORLDS];
	struct world worlds[WORLDS];
	struct holding holdings[WORLDS][ENDS];
	pid_t pids[WORLDS][ENDS];
	struct manner manner;
	const char *only, *without;
	FILE *traces[WORLDS];     /* or NULL */
	struct operation *script; /* as far as it ran */
	size_t count;
	char *history[HISTORY];
	char *difference; /* what it was */
	char kind[40];    /* of the operation that differed, or another word */
	uint64_t operations, scripts;
	struct expense {
		uint64_t count;
		double seconds[WORLDS];
	} expenses[MOST_TYPES];
};

bool match_start(struct match *match);
void match_stop(struct match *match);
/* What is remembered of scripts; after match_stop. */
void match_free(struct match *match);
/* False when the worlds differ; match->script and match->difference tell then. */
bool match_script(struct match *match, uint64_t seed, size_t length);
/* The script `operations` from the start, in new actors. */
bool match_again(struct match *match, uint64_t seed, const struct operation *operations,
		 size_t count);
/* How long the operations of each type took, in both worlds. */
void match_print_times(const struct match *match, FILE *out);
void match_print_history(const struct match *match, FILE *out);

#endif
