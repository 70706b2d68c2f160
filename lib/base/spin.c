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

int64_t spin_moment(struct spin *spin)
{
	if (spin->credit > 0)
		return MOMENT;
	if (++spin->skipped < spin->patience)
		return 0;
	spin->skipped = 0;
	return TRIAL;
}

bool spin_ask(int64_t moment, bool (*there)(const void *what), const void *what)
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

void spin_learn(struct spin *spin, bool came)
{
	if (came) {
		if (spin->credit < CREDIT_MOST)
			spin->credit++;
		spin->patience = PATIENCE_LEAST;
	} else if (spin->credit > FAILURE_COSTS) {
		spin->credit -= FAILURE_COSTS;
	} else {
		spin->credit = 0;
		if (spin->patience < PATIENCE_MOST)
			spin->patience *= 2;
	}
}
