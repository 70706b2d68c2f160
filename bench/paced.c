/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An open loop: messages leave by the clock, whatever became of those before; each carries the time
 * at which it should have left, and the receiver says how late it was.
 */
#include "scenario.h"

#include "fail.h"
#include "json.h"
#include "samples.h"
#include "trip.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Sleeps while there is time for it, then looks at the clock. */
static void await(uint64_t due)
{
	uint64_t time = now_ns();
	struct timespec wake;

	if (due > time + 100000) {
		uint64_t early = due - 60000;

		wake.tv_sec = (time_t)(early / 1000000000u);
		wake.tv_nsec = (long)(early % 1000000000u);
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &wake, NULL);
	}
	while (now_ns() < due)
		continue;
}

static uint64_t messages_of(const struct plan *plan)
{
	double count = plan->seconds * plan->rate;

	return count < 1 ? 1 : count < (double)SAMPLES_MAX ? (uint64_t)count : SAMPLES_MAX;
}

static void send_side(const struct plan *plan, struct shared *shared)
{
	struct end *end = plan->peer->open(plan, SIDE_CONNECTS, 0);
	uint64_t start, count = messages_of(plan);
	char *message = calloc(1, plan->size);

	if (!message)
		fail("no memory for messages of %zu bytes", plan->size);
	meet_slowly(shared);
	start = now_ns() + 1000000;
	for (uint64_t i = 0; i < count; i++) {
		uint64_t due = start + (uint64_t)((double)i * 1e9 / plan->rate);

		await(due);
		memcpy(message, &due, sizeof due);
		plan->peer->send(end, message, plan->size, 1);
	}
	meet_slowly(shared);
	plan->peer->close(end);
	free(message);
}

static void receive_side(const struct plan *plan, struct shared *shared)
{
	struct end *end = plan->peer->open(plan, SIDE_LISTENS, 0);
	char *message = malloc(plan->size);
	uint64_t count = messages_of(plan);

	if (!message)
		fail("no memory for messages of %zu bytes", plan->size);
	meet_slowly(shared);
	for (uint64_t i = 0; i < count; i++) {
		uint64_t due;

		receive_whole(plan, end, message, plan->size);
		memcpy(&due, message, sizeof due);
		shared->samples[i] = now_ns() - due;
	}
	shared->sample_count = count;
	meet_slowly(shared);
	plan->peer->close(end);
	free(message);
}

static void report(const struct plan *plan, struct shared *shared)
{
	json_number("rate", plan->rate);
	json_number("messages", (double)shared->sample_count);
	samples_report("late_", shared->samples, shared->sample_count);
}

const struct scenario paced = {
	.name = "paced",
	.needs = ABLE_STREAM,
	.side = { receive_side, send_side },
	.report = report,
};
