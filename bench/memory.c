/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Memory of a connection that was used, a ring of bytes each way: what the two processes have more,
 * shared pages counted once. What the kernel keeps for a socket or a pipe is not in it.
 */
#include "scenario.h"

#include "ends.h"
#include "json.h"

#define PIECE ((size_t)4096)

/* Or pages that were asked for would not be there yet. */
static void fill_ring(const struct plan *plan, struct end *end, bool sends)
{
	static char piece[PIECE];

	for (size_t done = 0; done < plan->ring;) {
		size_t left = plan->ring - done, most = left < PIECE ? left : PIECE;

		if (sends)
			plan->peer->send(end, piece, most, 1);
		done += sends ? most : plan->peer->receive(end, piece, most, true);
	}
}

static void use(const struct plan *plan, struct end *end, enum side side)
{
	fill_ring(plan, end, side == SIDE_CONNECTS);
	if ((plan->peer->abilities & ABLE_ROUND_TRIP) != 0)
		fill_ring(plan, end, side == SIDE_LISTENS);
}

static void open_and_use(const struct plan *plan, struct shared *shared, enum side side)
{
	/* The first one brings what all share. */
	struct end *first = plan->peer->open(plan, side, 0), *ends[1024];
	struct held before, after;

	use(plan, first, side);
	meet_slowly(shared);
	before = held_now();
	meet_slowly(shared);
	for (unsigned i = 1; i < plan->connections; i++) {
		ends[i] = plan->peer->open(plan, side, i);
		use(plan, ends[i], side);
	}
	meet_slowly(shared);
	after = held_now();
	shared->tally[side].held =
		(struct held){ after.all - before.all, after.shared - before.shared };
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
	const struct held *in = &shared->tally[SIDE_LISTENS].held;
	const struct held *out = &shared->tally[SIDE_CONNECTS].held;
	double connections = plan->connections - 1;

	json_number("bytes_per_connection", (in->all + out->all) / connections);
	json_number("shared_bytes_per_connection", (in->shared + out->shared) / connections);
	json_number("buffer", (double)shared->tally[SIDE_LISTENS].buffer);
}

const struct scenario memory = {
	.name = "memory",
	.needs = ABLE_MEMORY,
	.side = { listening_side, connecting_side },
	.report = report,
};
