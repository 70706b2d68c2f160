/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Both ends send and receive at once over one connection, each in one thread. An end is at most a
 * window ahead of what it received, so that two windows at most are under way in a direction: they
 * fit every peer's buffer, and no end waits in a send while the other does.
 */
#include "scenario.h"

#include "fail.h"
#include "json.h"
#include "payload.h"

#include <stdlib.h>

#define WINDOW_MESSAGES 64u             /* the kernel's buffers also count what goes with each */
#define LOOK_BYTES ((uint64_t)64 << 10) /* between two looks at the clock */

struct speaker {
	const struct plan *plan;
	struct shared *shared;
	struct tally *tally;
	struct end *end;
	struct payload sent, received;
	uint64_t window;
	char *out, *in;
};

static uint64_t window_of(const struct plan *plan)
{
	uint64_t fit = plan->ring / 2 / plan->size;

	return plan->size * (fit < WINDOW_MESSAGES ? fit : WINDOW_MESSAGES);
}

static struct speaker begin(const struct plan *plan, struct shared *shared, enum side side)
{
	struct speaker speaker = {
		.plan = plan,
		.shared = shared,
		.tally = &shared->tally[side],
		.end = plan->peer->open(plan, side, 0),
		.sent = { .all = plan->touch_all },
		.received = { .all = plan->touch_all },
		.window = window_of(plan),
		.out = aligned_alloc(64, plan->size),
		.in = aligned_alloc(64, plan->size),
	};

	if (!speaker.out || !speaker.in)
		fail("no memory for messages of %zu bytes", plan->size);
	return speaker;
}

static void finish(struct speaker *speaker)
{
	struct tally *tally = speaker->tally;

	/* The same stream goes both ways, and ends at the same place. */
	tally->bytes = speaker->received.position;
	tally->checksum = payload_checksum(&speaker->received);
	if (tally->checksum != payload_checksum(&speaker->sent))
		fail("%s: what was received is not what was sent", speaker->plan->peer->name);
	if (speaker->plan->peer->buffer)
		tally->buffer = speaker->plan->peer->buffer(speaker->end);
	meet_slowly(speaker->shared);
	speaker->plan->peer->close(speaker->end);
	free(speaker->out);
	free(speaker->in);
}

/* One message out, as much in. False when all is done. */
static bool exchange(struct speaker *speaker)
{
	const struct peer *peer = speaker->plan->peer;
	uint64_t total = atomic_load(&speaker->shared->total);
	size_t size = speaker->plan->size, got;
	bool sending =
		(total == 0 || speaker->sent.position != total) &&
		speaker->sent.position + size <= speaker->received.position + speaker->window;

	if (sending) {
		payload_fill(&speaker->sent, speaker->out, size);
		peer->send(speaker->end, speaker->out, size, 1);
	}
	if (total != 0 && speaker->received.position == total)
		return speaker->sent.position != total;
	got = peer->receive(speaker->end, speaker->in, size, !sending);
	payload_check(&speaker->received, speaker->in, got);
	return true;
}

static struct usage used_by(const struct speaker *speaker)
{
	return usage_now(speaker->received.position, speaker->plan->peer, speaker->end);
}

/* True while it goes on; looks once in a while only. */
static bool exchange_for(struct speaker *speaker, double seconds)
{
	double until = now() + seconds;
	uint64_t look = 0;

	while (exchange(speaker)) {
		if (speaker->received.position < look)
			continue;
		look = speaker->received.position + LOOK_BYTES;
		if (now() >= until)
			return true;
	}
	return false;
}

static void talk(struct speaker *speaker)
{
	exchange_for(speaker, speaker->plan->seconds / 4);
	speaker->tally->from = used_by(speaker);
	exchange_for(speaker, speaker->plan->seconds);
	speaker->tally->to = used_by(speaker);
}

static void end_side(const struct plan *plan, struct shared *shared)
{
	struct speaker speaker = begin(plan, shared, SIDE_LISTENS);

	talk(&speaker);
	/* The other end cannot be beyond that: it is a window at most ahead of what this one sent.
	 */
	set_total(shared, speaker.sent.position + speaker.window);
	while (exchange(&speaker))
		;
	finish(&speaker);
}

static void other_side(const struct plan *plan, struct shared *shared)
{
	struct speaker speaker = begin(plan, shared, SIDE_CONNECTS);

	talk(&speaker);
	while (exchange(&speaker))
		;
	finish(&speaker);
}

static void report(const struct plan *plan, struct shared *shared)
{
	const struct tally *tally = shared->tally;
	struct usage used[2];

	if (tally[0].bytes != tally[1].bytes || tally[0].checksum != tally[1].checksum)
		fail("%s: one way is not what went the other way", plan->peer->name);
	for (int side = 0; side < 2; side++)
		used[side] = usage_since(&tally[side].from, &tally[side].to);
	json_number("gb_per_s",
		    used[0].bytes / used[0].time / 1e9 + used[1].bytes / used[1].time / 1e9);
	json_number("cpu_s_per_gb",
		    (used[0].cpu + used[1].cpu) / ((used[0].bytes + used[1].bytes) / 1e9));
	json_number("sleeps_per_s", used[0].sleeps / used[0].time + used[1].sleeps / used[1].time);
	json_number("preemptions_per_s",
		    used[0].preemptions / used[0].time + used[1].preemptions / used[1].time);
	json_number("measured_s", used[0].time);
	json_text("checksum", "equal");
	if (tally[SIDE_LISTENS].buffer)
		json_number("buffer", (double)tally[SIDE_LISTENS].buffer);
}

const struct scenario both_ways = {
	.name = "both-ways",
	.needs = ABLE_STREAM | ABLE_ROUND_TRIP,
	.side = { end_side, other_side },
	.works_apart = true,
	.report = report,
};
