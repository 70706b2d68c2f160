/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/spin.h"

#include "base/deadline.h"
#include "base/pause.h"

/* A wake-up costs both ends a few times what it takes to send one: who asks for as long in vain loses
 * as much again, at most. ns, and within bounds, as what was measured may have been something else. */
#define WAKE_UPS 4
#define MOMENT_LEAST 50000
#define MOMENT_MOST 500000
/* Of one that tries whether it pays again: as long as another who sleeps needs to wake up and answer. */
#define TRIAL_MOMENTS 4
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

/* What it took lately to wake somebody; of the process, as of the machine. */
static int64_t wake_up = MOMENT_LEAST / WAKE_UPS;

void spin_note_wake_up(int64_t took)
{
	int64_t known = __atomic_load_n(&wake_up, __ATOMIC_RELAXED);
	int64_t news = took < 2 * known ? took : 2 * known;

	/* Rather too little: a hypervisor may have let others run meanwhile. */
	known += (news - known) / (news < known ? 4 : 16);
	__atomic_store_n(&wake_up, known > 1000 ? known : 1000, __ATOMIC_RELAXED);
}

static int64_t moment(void)
{
	int64_t moment = WAKE_UPS * __atomic_load_n(&wake_up, __ATOMIC_RELAXED);

	if (moment < MOMENT_LEAST)
		return MOMENT_LEAST;
	return moment < MOMENT_MOST ? moment : MOMENT_MOST;
}

int64_t spin_moment(struct spin *spin)
{
	if (spin->credit > 0)
		return moment();
	if (++spin->skipped < spin->patience)
		return 0;
	spin->skipped = 0;
	return TRIAL_MOMENTS * moment();
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
