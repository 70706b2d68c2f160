/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Connections on which nothing happens: how often their two processes wake up, and what that costs.
 */
#include "scenario.h"

#include "ends.h"
#include "json.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#define SETTLE_US 200000 /* until the receiver sleeps, however long it asks before */

static void pass_one(const struct plan *plan, struct end *end, enum side side)
{
	char message[64] = "";

	if (side == SIDE_CONNECTS)
		plan->peer->send(end, message, sizeof message, 1);
	for (size_t got = 0; side == SIDE_LISTENS && got < sizeof message;)
		got += plan->peer->receive(end, message, sizeof message - got, true);
}

/* The receiver waits for a message that comes a second later. */
static void wait_side(const struct plan *plan, struct shared *shared)
{
	struct end **ends = ends_open(plan, SIDE_LISTENS);

	for (unsigned i = 0; i < plan->connections; i++)
		pass_one(plan, ends[i], SIDE_LISTENS);
	meet_slowly(shared);
	pass_one(plan, ends[0], SIDE_LISTENS);
	meet_slowly(shared);
	ends_close(plan, ends);
}

static void quiet_side(const struct plan *plan, struct shared *shared)
{
	struct end **ends = ends_open(plan, SIDE_CONNECTS);
	struct timespec quiet = { .tv_sec = (time_t)plan->seconds + 1 };

	for (unsigned i = 0; i < plan->connections; i++)
		pass_one(plan, ends[i], SIDE_CONNECTS);
	meet_slowly(shared);
	set_phase(shared, PHASE_MEASURED);
	nanosleep(&quiet, NULL);
	pass_one(plan, ends[0], SIDE_CONNECTS);
	meet_slowly(shared);
	ends_close(plan, ends);
}

static void watch(const struct plan *plan, struct shared *shared, const pid_t process[2])
{
	double give_up = now() + plan->limit;

	while (atomic_load(&shared->phase) != PHASE_MEASURED) {
		if (now() > give_up)
			return; /* who waits for the sides says so */
		usleep(1000);
	}
	usleep(SETTLE_US);
	for (int side = 0; side < 2; side++)
		shared->tally[side].from = usage_of(process[side]);
	usleep((useconds_t)(plan->seconds * 1e6));
	for (int side = 0; side < 2; side++)
		shared->tally[side].to = usage_of(process[side]);
}

static void report(const struct plan *plan, struct shared *shared)
{
	const struct tally *waited = &shared->tally[SIDE_LISTENS];
	const struct tally *quiet = &shared->tally[SIDE_CONNECTS];
	struct usage waiting = usage_since(&waited->from, &waited->to);
	struct usage silent = usage_since(&quiet->from, &quiet->to);

	(void)plan;
	json_number("wake_ups_per_s", (waiting.sleeps + silent.sleeps) / waiting.time);
	json_number("cpu_per_s", (waiting.cpu + silent.cpu) / waiting.time);
	json_number("measured_s", waiting.time);
}

const struct scenario idle = {
	.name = "idle",
	.needs = ABLE_IDLE,
	.side = { wait_side, quiet_side },
	.watch = watch,
	.report = report,
};
