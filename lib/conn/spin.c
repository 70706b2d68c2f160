/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conn/spin.h"

#include "base/deadline.h"
#include "base/pause.h"
#include "base/shared.h"

/* ns. What a wake-up costs, on a virtual machine at that: who asks for as long in vain loses as much
 * again, at most. */
#define MOMENT 50000
#define LOOKS 16 /* between two looks at the clock, which cost more */

/* A success is worth one, a failure costs more: it was the longer. */
#define CREDIT_MOST 16
#define CREDIT_FIRST 4
#define FAILURE_COSTS 4

#define PATIENCE_LEAST 16
#define PATIENCE_MOST 1024

void spin_init(struct spin *spin)
{
	*spin = (struct spin){ .credit = CREDIT_FIRST, .patience = PATIENCE_LEAST };
}

static bool reached(const uint64_t *index, uint64_t target)
{
	return (int64_t)(shared_load64(index) - target) >= 0;
}

static bool ask(const uint64_t *index, uint64_t target)
{
	int64_t until = 0;

	do {
		for (int look = 0; look < LOOKS; look++) {
			if (reached(index, target))
				return true;
			processor_pause();
		}
		if (until == 0)
			until = deadline_now() + MOMENT;
	} while (deadline_now() < until);
	return false;
}

static void encourage(struct spin *spin)
{
	if (spin->credit < CREDIT_MOST)
		spin->credit++;
	spin->patience = PATIENCE_LEAST;
}

static void discourage(struct spin *spin)
{
	if (spin->credit > FAILURE_COSTS) {
		spin->credit -= FAILURE_COSTS;
		return;
	}
	spin->credit = 0;
	if (spin->patience < PATIENCE_MOST)
		spin->patience *= 2;
}

bool spin_for(struct spin *spin, const uint64_t *index, uint64_t target)
{
	if (spin->credit == 0 && ++spin->skipped < spin->patience)
		return false;
	spin->skipped = 0;
	if (ask(index, target)) {
		encourage(spin);
		return true;
	}
	discourage(spin);
	return false;
}
