/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "trip.h"

#include "placement.h"
#include "usage.h"

#include <sched.h>

#define ADAPTIVE_NS 20000u /* four times what waking a sleeper takes */
#define ASKS_A_YIELD 64u   /* so that both can share a processor */

static size_t ask(const struct plan *plan, struct end *end, char *buffer, size_t size,
		  uint64_t limit_ns)
{
	uint64_t began = limit_ns ? now_ns() : 0;

	for (unsigned asked = 1;; asked++) {
		size_t got = plan->peer->receive(end, buffer, size, false);

		if (got)
			return got;
		if (limit_ns && now_ns() - began > limit_ns)
			return 0;
		if (asked % ASKS_A_YIELD == 0 && placement_shares(plan->placement))
			sched_yield();
	}
}

static size_t receive_part(const struct plan *plan, struct end *end, char *buffer, size_t size)
{
	size_t got = 0;

	if (plan->waiting == WAITING_SPIN)
		return ask(plan, end, buffer, size, 0);
	if (plan->waiting == WAITING_ADAPTIVE && !plan->peer->spins_itself)
		got = ask(plan, end, buffer, size, ADAPTIVE_NS);
	return got ? got : plan->peer->receive(end, buffer, size, true);
}

void receive_whole(const struct plan *plan, struct end *end, char *buffer, size_t size)
{
	for (size_t done = 0; done < size;)
		done += receive_part(plan, end, buffer + done, size - done);
}
