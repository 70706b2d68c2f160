/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the connections of one victim and its survivor are like. */
#ifndef TESTS_CRASH_PLAN_H
#define TESTS_CRASH_PLAN_H

#include <stdbool.h>
#include <stdint.h>
#include <xsock/xsock.h>

enum flow { FLOW_BOTH, FLOW_FROM_VICTIM, FLOW_TO_VICTIM, FLOWS };
enum way { WAY_COPY, WAY_PIECES, WAY_IN_PLACE, WAYS };
enum waiting { WAIT_IN_CALLS, WAIT_IN_POLL, WAIT_ON_DESCRIPTOR, WAITINGS };
enum rings { RINGS_SMALL, RINGS_FIXED, RINGS_GROWING, RINGS_DEFAULT, RINGS };

struct plan {
	bool victim_listens, victim_grants;
	enum flow flow;
	bool one_way;   /* one ring, where only one end sends */
	bool unsettled; /* by the first to send or receive */
	enum rings rings;
	enum way way;
	enum waiting waiting;
	bool spins;
	bool awaits;      /* whoever connects */
	bool early;       /* the receiver may close before the end */
	uint64_t longest; /* bytes in one direction */
};

void plan_draw(struct plan *plan, uint64_t *random);
/* For one end, on the local platform or as the environment says. */
struct xsock_options plan_options(const struct plan *plan, bool victim);
bool plan_sends(const struct plan *plan, bool victim);
bool plan_receives(const struct plan *plan, bool victim);
/* In words, in a buffer that the next call uses again. */
const char *plan_words(const struct plan *plan);

#endif
