/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What can be measured: what each side does, and what is told of it. */
#ifndef BENCH_SCENARIO_H
#define BENCH_SCENARIO_H

#include "peer.h"
#include "shared.h"

#include <sys/types.h>

struct scenario {
	const char *name;
	unsigned needs; /* abilities of a peer */
	void (*side[2])(const struct plan *plan, struct shared *shared);
	bool works_apart; /* the ends need not see the same memory */
	/* In the process that waits for both, while they run; may be NULL. */
	void (*watch)(const struct plan *plan, struct shared *shared, const pid_t process[2]);
	void (*report)(const struct plan *plan, struct shared *shared);
};

extern const struct scenario throughput, both_ways, round_trip, paced, set_up, many, idle, memory;
extern const struct scenario *const scenarios[]; /* ends with NULL */

const struct scenario *scenario_named(const char *name);

#endif
