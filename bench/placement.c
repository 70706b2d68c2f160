/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "placement.h"

#include "fail.h"

#include <sched.h>

const char *placement_name(enum placement placement)
{
	static const char *const names[] = { "two", "one", "free", "apart" };

	return names[placement];
}

bool placement_shares(enum placement placement)
{
	return placement == PLACED_ONE || placement == PLACED_FREE;
}

/* The processor that is number `index` of those this process may run on; -1: there are fewer. */
static int allowed_processor(int index)
{
	cpu_set_t allowed;

	if (sched_getaffinity(0, sizeof allowed, &allowed))
		fail_errno("sched_getaffinity");
	for (int processor = 0; processor < CPU_SETSIZE; processor++) {
		if (CPU_ISSET(processor, &allowed) && index-- == 0)
			return processor;
	}
	return -1;
}

const char *placement_refused(enum placement placement)
{
	if (placement == PLACED_TWO && allowed_processor(1) < 0)
		return "there is one processor only";
	return NULL;
}

void place(enum placement placement, enum side side)
{
	cpu_set_t chosen;

	if (placement == PLACED_FREE || placement == PLACED_APART)
		return;
	CPU_ZERO(&chosen);
	CPU_SET(allowed_processor(placement == PLACED_TWO && side == SIDE_CONNECTS ? 1 : 0),
		&chosen);
	if (sched_setaffinity(0, sizeof chosen, &chosen))
		fail_errno("sched_setaffinity");
}
