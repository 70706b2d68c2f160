/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The process at the other end, which outlives one victim after another and judges what their
 * deaths let it see. A check that fails ends it.
 */
#ifndef TESTS_CRASH_SURVIVOR_H
#define TESTS_CRASH_SURVIVOR_H

#include "account.h"
#include "plan.h"

struct survivor {
	const struct plan *plan;
	unsigned peer;
	uint64_t seed;
	struct account *account;
	/* At each end of a victim a byte comes in, and one goes out once all of it is told. When no
	 * more come in, all that was for the victims must be gone. */
	int orders, reports;
	/* ms; a listener that died looks like one that is busy. Who gives up on one that lives
	 * resets its connection. */
	int connect_limit;
	/* With its listener still open, which gives a dead connector five seconds. */
	bool patient;
};

void survivor_run(const struct survivor *survivor) __attribute__((noreturn));

#endif
