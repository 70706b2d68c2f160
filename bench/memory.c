/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Memory of a connection after a message: what the two processes have more, shared pages counted
 * once. What the kernel keeps for a socket or a pipe is not in it.
 */
#include "scenario.h"

#include "ends.h"
#include "json.h"

static void use(const struct plan *plan, struct end *end, enum side side)
{
	char message[64] = "";

	if (side == SIDE_CONNECTS)
		plan->peer->send(end, message, sizeof message, 1);
	for (size_t got = 0; side == SIDE_LISTENS && got < sizeof message;)
		got += plan->peer->receive(end, message, sizeof message - got, true);
}

static void open_and_use(const struct plan *plan, struct shared *shared, enum side side)
{
	/* The first one brings what all share. */
	struct end *first = plan->peer->open(plan, side, 0), *ends[1024];
	double before;

	use(plan, first, side);
	meet_slowly(shared);
	before = memory_now();
	meet_slowly(shared);
	for (unsigned i = 1; i < plan->connections; i++) {
		ends[i] = plan->peer->open(plan, side, i);
		use(plan, ends[i], side);
	}
	meet_slowly(shared);
	shared->tally[side].memory = memory_now() - before;
	shared->tally[side].buffer = plan->peer->buffer ? plan->peer->buffer(first) : 0;
	meet_slowly(shared);
	for (unsigned i = 1; i < plan->connections; i++)
		plan->peer->close(ends[i]);
	plan->peer->close(first);
}

static void listening_side(const struct plan *plan, struct shared *shared)
{
	open_and_use(plan, shared, SIDE_LISTENS);
}

static void connecting_side(const struct plan *plan, struct shared *shared)
{
	open_and_use(plan, shared, SIDE_CONNECTS);
}

static void report(const struct plan *plan, struct shared *shared)
{
	double bytes = shared->tally[SIDE_LISTENS].memory + shared->tally[SIDE_CONNECTS].memory;

	json_number("bytes_per_connection", bytes / (plan->connections - 1));
	json_number("buffer", (double)shared->tally[SIDE_LISTENS].buffer);
}

const struct scenario memory = {
	.name = "memory",
	.needs = ABLE_MEMORY,
	.side = { listening_side, connecting_side },
	.report = report,
};
