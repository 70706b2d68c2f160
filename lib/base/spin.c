/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/spin.h"

#include "base/deadline.h"
#include "base/pause.h"

/* ns. Who asks for as long in vain as a wake-up costs loses as much again, at most. What that is
 * shows in the shortest sleeps, in which the other end may have had to wake up first; but they may
 * have had other reasons: it is not more than so many times what it takes to send one. */
#define MOMENT_LEAST 50000
#define MOMENT_MOST 1000000
#define WAKE_UPS 16
/* Of one that tries whether it pays again: as long as another who sleeps needs to wake up and
 * answer. */
#define TRIAL_MOMENTS 4
#define LOOKS 16 /* between two looks at the clock, which cost more */

/* A success is worth one, a failure costs more: it was the longer. */
#define CREDIT_MOST 16
#define FAILURE_COSTS 4

#define PATIENCE_LEAST SPIN_PATIENCE
#define PATIENCE_MOST 1024

/* What it took lately to wake somebody; of the process, as of the machine. */
static int64_t wake_up;

/* Follows what is less at once, what is more slowly. */
static int64_t approach(int64_t known, int64_t found)
{
	return known + (found - known) / (found < known ? 4 : 16);
}

void spin_note_wake_up(int64_t took)
{
	int64_t known = __atomic_load_n(&wake_up, __ATOMIC_RELAXED);

	__atomic_store_n(&wake_up, approach(known, took), __ATOMIC_RELAXED);
}

void spin_note_sleep(struct spin *spin, int64_t slept)
{
	spin->sleep = approach(spin->sleep, slept < MOMENT_MOST ? slept : MOMENT_MOST);
}

static int64_t moment_of(const struct spin *spin)
{
	int64_t most = WAKE_UPS * __atomic_load_n(&wake_up, __ATOMIC_RELAXED);
	int64_t moment = 2 * spin->sleep < most ? 2 * spin->sleep : most;

	return moment > MOMENT_LEAST ? moment : MOMENT_LEAST;
}

int64_t spin_moment(struct spin *spin)
{
	if (spin->credit > 0)
		return moment_of(spin);
	if (++spin->skipped < spin->patience)
		return 0;
	spin->skipped = 0;
	return TRIAL_MOMENTS * moment_of(spin);
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
		/* After a trial, which took its time, the next one has to show it. */
		if (spin->credit > 0)
			spin->patience = PATIENCE_LEAST;
		if (spin->credit < CREDIT_MOST)
			spin->credit++;
	} else if (spin->credit > FAILURE_COSTS) {
		spin->credit -= FAILURE_COSTS;
	} else {
		spin->credit = 0;
		if (spin->patience < PATIENCE_MOST)
			spin->patience *= 2;
	}
}
