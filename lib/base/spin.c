/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/spin.h"

#include "base/deadline.h"
#include "base/pause.h"

/* ns. What a wake-up costs, on a virtual machine at that: who asks for as long in vain loses as much
 * again, at most. */
#define MOMENT 50000
/* Of one that tries whether it pays again: as long as the other end needs to wake up and answer. */
#define TRIAL 100000
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

static bool ask(bool (*there)(const void *what), const void *what, int64_t moment)
{
	int64_t until = 0;

	do {
		for (int look = 0; look < LOOKS; look++) {
			if (there(what))
				return true;
			processor_pause();
		}
		if (until == 0)
			until = deadline_now() + moment;
	} while (deadline_now() < until);
	return false;
}

static void encourage(struct spin *spin)
{
	if (spin->credit < CREDIT_MOST)
		spin->credit++;
	spin->patience = PATIENCE_LEAST;
}

void spin_failed(struct spin *spin)
{
	if (spin->credit > FAILURE_COSTS) {
		spin->credit -= FAILURE_COSTS;
		return;
	}
	spin->credit = 0;
	if (spin->patience < PATIENCE_MOST)
		spin->patience *= 2;
}

bool spin_is_due(struct spin *spin)
{
	if (spin->credit == 0 && ++spin->skipped < spin->patience)
		return false;
	spin->skipped = 0;
	return true;
}

bool spin_now(struct spin *spin, bool (*there)(const void *what), const void *what)
{
	if (ask(there, what, spin->credit > 0 ? MOMENT : TRIAL)) {
		encourage(spin);
		return true;
	}
	spin_failed(spin);
	return false;
}
