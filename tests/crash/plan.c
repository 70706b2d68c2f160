/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan.h"

#include "integration/stream.h"

#include <stdio.h>

/* Of a call on an open connection; nobody may need it. */
#define LIMIT 20000 /* ms */

void plan_draw(struct plan *plan, uint64_t *random)
{
	static const uint64_t lengths[] = { 20000, 600000, 8000000 };

	*plan = (struct plan){
		.victim_listens = stream_random(random, 2),
		.victim_grants = stream_random(random, 2),
		.flow = (enum flow)stream_random(random, FLOWS),
		.one_way = stream_random(random, 2),
		.unsettled = stream_random(random, 2),
		.rings = (enum rings)stream_random(random, RINGS),
		.way = (enum way)stream_random(random, WAYS),
		.waiting = (enum waiting)stream_random(random, WAITINGS),
		.spins = stream_random(random, 2),
		.awaits = stream_random(random, 2),
		.early = stream_random(random, 4) == 0,
		.longest = lengths[stream_random(random, 3)],
	};
	plan->one_way = plan->one_way && plan->flow != FLOW_BOTH;
	plan->unsettled = plan->unsettled && plan->one_way;
}

bool plan_sends(const struct plan *plan, bool victim)
{
	return plan->flow == FLOW_BOTH || (plan->flow == FLOW_FROM_VICTIM) == victim;
}

bool plan_receives(const struct plan *plan, bool victim)
{
	return plan_sends(plan, !victim);
}

static enum xsock_direction direction(const struct plan *plan, bool victim)
{
	if (!plan->one_way)
		return XSOCK_DIR_TWO_WAY;
	if (plan->unsettled)
		return XSOCK_DIR_ONE_WAY;
	return plan_sends(plan, victim) ? XSOCK_DIR_SEND : XSOCK_DIR_RECV;
}

struct xsock_options plan_options(const struct plan *plan, bool victim)
{
	static const size_t most[RINGS] = { 4096, 65536, 262144, 0 };
	static const size_t start[RINGS] = { 4096, 65536, 4096, 0 };
	bool listens = plan->victim_listens == victim;

	return (struct xsock_options){
		.role = plan->victim_grants == victim ? XSOCK_ROLE_GRANT : XSOCK_ROLE_MAP,
		.direction = direction(plan, victim),
		.send_ring = most[plan->rings],
		.recv_ring = most[plan->rings],
		.ring_start = start[plan->rings],
		.send_timeout = LIMIT,
		.recv_timeout = LIMIT,
		.flags = (plan->spins ? 0 : XSOCK_NOSPIN) |
			 (plan->awaits && !listens ? XSOCK_AWAIT : 0),
	};
}

const char *plan_words(const struct plan *plan)
{
	static const char *const flows[] = { "both ways", "from the victim", "to the victim" };
	static const char *const ways[] = { "copied", "in pieces", "in place" };
	static const char *const waitings[] = { "in calls", "in xsock_poll", "on xsock_fd" };
	static const char *const rings[] = { "4 KiB", "64 KiB", "growing", "default" };
	static char words[256];

	snprintf(words, sizeof words,
		 "the victim %s and %s, %s%s, %s, %s rings, waits %s%s%s%s, up to %llu bytes",
		 plan->victim_listens ? "listens" : "connects",
		 plan->victim_grants ? "grants" : "maps", flows[plan->flow],
		 plan->unsettled ? " (unsettled)"
		 : plan->one_way ? " (one way)"
				 : "",
		 ways[plan->way], rings[plan->rings], waitings[plan->waiting],
		 plan->spins ? "" : ", no spin", plan->awaits ? ", awaits" : "",
		 plan->early ? ", closes early" : "", (unsigned long long)plan->longest);
	return words;
}
