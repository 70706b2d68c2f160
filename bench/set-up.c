/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How long a connection takes: until the call that connects returns, and until a first message was
 * answered. Both sides begin together, the one that accepts not before the other.
 */
#include "scenario.h"

#include "json.h"
#include "samples.h"
#include "trip.h"

#define CONNECTIONS_MAX 1000u

static char message[64];

static void accept_side(const struct plan *plan, struct shared *shared)
{
	for (unsigned i = 0;; i++) {
		struct end *end;

		meet(shared);
		if (atomic_load(&shared->phase) == PHASE_OVER)
			break;
		end = plan->peer->open(plan, SIDE_LISTENS, i);
		receive_whole(plan, end, message, sizeof message);
		plan->peer->send(end, message, sizeof message, 1);
		meet(shared);
		plan->peer->close(end);
	}
}

static void connect_one(const struct plan *plan, struct shared *shared, unsigned index)
{
	uint64_t began = now_ns(), connected;
	struct end *end = plan->peer->open(plan, SIDE_CONNECTS, index);

	connected = now_ns();
	plan->peer->send(end, message, sizeof message, 1);
	receive_whole(plan, end, message, sizeof message);
	shared->samples[index] = connected - began;
	shared->more_samples[index] = now_ns() - began;
	meet(shared);
	plan->peer->close(end);
}

static void connect_side(const struct plan *plan, struct shared *shared)
{
	double until = now() + plan->seconds;
	unsigned count;

	for (count = 0; count < CONNECTIONS_MAX && now() < until; count++) {
		meet(shared);
		connect_one(plan, shared, count);
	}
	shared->sample_count = count;
	set_phase(shared, PHASE_OVER);
	meet(shared);
}

static void report(const struct plan *plan, struct shared *shared)
{
	(void)plan;
	json_number("set_ups", (double)shared->sample_count);
	samples_report("connect_", shared->samples, shared->sample_count);
	samples_report("answered_", shared->more_samples, shared->sample_count);
}

const struct scenario set_up = {
	.name = "set-up",
	.needs = ABLE_CONNECT,
	.side = { accept_side, connect_side },
	.works_apart = true,
	.report = report,
};
