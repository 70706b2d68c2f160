/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Operations in a row, made from a seed. */
#ifndef TESTS_PRELOAD_SOAK_SCRIPT_H
#define TESTS_PRELOAD_SOAK_SCRIPT_H

#include "operation.h"

#define MOST_TYPES 64

struct script {
	uint64_t seed, state;
	unsigned weights[MOST_TYPES], total;
};

/* `only`: the name of one type that may come beside opening, or NULL; `without`: names with commas
 * between them of those that may not, or NULL. */
void script_begin(struct script *script, uint64_t seed, const char *only, const char *without);
/* How scripts are run, and how closely the worlds are compared. */
struct manner {
	uint64_t room;
	bool greets, loose;
};

/* The next operation that is possible in that world; false when there seems to be none. */
bool script_next(struct script *script, struct world *world, struct operation *operation);

/* Runs one, or cleans up, and leaves the trace in the world. */
void script_run(struct world *world, const struct operation *operation);
void script_clean_up(struct world *world);
/* Begins in a world without connections. */
void script_set_up(struct world *world, uint64_t seed, const struct manner *manner);

#endif
