/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A message there and back, again and again; times at the one that asks. */
#include "scenario.h"

#include "fail.h"
#include "json.h"
#include "payload.h"
#include "samples.h"
#include "trip.h"

#include <stdlib.h>

struct talk {
	const struct plan *plan;
	struct shared *shared;
	struct end *end;
	char *buffer;
	struct payload sent, received;
};

static struct talk begin(const struct plan *plan, struct shared *shared, enum side side)
{
	struct talk talk = {
		.plan = plan,
		.shared = shared,
		.end = plan->peer->open(plan, side, 0),
		.buffer = malloc(plan->size),
		.sent = { .all = plan->touch_all },
		.received = { .all = plan->touch_all },
	};

	if (!talk.buffer)
		fail("no memory for messages of %zu bytes", plan->size);
	return talk;
}

static void finish(struct talk *talk, enum side side)
{
	struct tally *tally = &talk->shared->tally[side];

	/* What comes back is what was sent, so one sum at each end says it all. */
	tally->checksum = payload_checksum(&talk->received);
	tally->bytes = talk->received.position;
	meet_slowly(talk->shared);
	talk->plan->peer->close(talk->end);
	free(talk->buffer);
}

static void take(struct talk *talk)
{
	receive_whole(talk->plan, talk->end, talk->buffer, talk->plan->size);
	payload_check(&talk->received, talk->buffer, talk->plan->size);
}

static void ask(struct talk *talk)
{
	payload_fill(&talk->sent, talk->buffer, talk->plan->size);
	talk->plan->peer->send(talk->end, talk->buffer, talk->plan->size, 1);
	take(talk);
}

/* Until the time is over or there is no more room for samples; one clock reading a trip. */
static size_t sample(struct talk *talk)
{
	uint64_t last = now_ns(), until = last + (uint64_t)(talk->plan->seconds * 1e9);
	size_t count = 0;

	while (last < until && count < SAMPLES_MAX) {
		uint64_t time;

		ask(talk);
		time = now_ns();
		talk->shared->samples[count++] = time - last;
		last = time;
	}
	return count;
}

static void ask_side(const struct plan *plan, struct shared *shared)
{
	struct tally *tally = &shared->tally[SIDE_CONNECTS];
	struct talk talk = begin(plan, shared, SIDE_CONNECTS);
	double warm = now() + plan->seconds / 4;

	while (now() < warm)
		ask(&talk);
	tally->from = usage_now(talk.received.position, plan->peer, talk.end);
	shared->sample_count = sample(&talk);
	tally->to = usage_now(talk.received.position, plan->peer, talk.end);
	set_total(shared, talk.received.position + plan->size);
	ask(&talk);
	finish(&talk, SIDE_CONNECTS);
}

static void answer_side(const struct plan *plan, struct shared *shared)
{
	struct tally *tally = &shared->tally[SIDE_LISTENS];
	struct talk talk = begin(plan, shared, SIDE_LISTENS);

	take(&talk);
	tally->from = usage_now(0, plan->peer, talk.end);
	while (talk.received.position != atomic_load(&shared->total)) {
		plan->peer->send(talk.end, talk.buffer, plan->size, 1);
		take(&talk);
	}
	tally->to = usage_now(talk.received.position, plan->peer, talk.end);
	plan->peer->send(talk.end, talk.buffer, plan->size, 1);
	finish(&talk, SIDE_LISTENS);
}

static void report_sleeps(const struct plan *plan, const struct tally *tally, const char *name)
{
	struct usage used = usage_since(&tally->from, &tally->to);

	json_number(name, used.sleeps / (used.bytes / (double)plan->size));
}

static void report(const struct plan *plan, struct shared *shared)
{
	const struct tally *asked = &shared->tally[SIDE_CONNECTS];
	const struct tally *answered = &shared->tally[SIDE_LISTENS];
	struct usage used = usage_since(&asked->from, &asked->to);
	double trips = (double)shared->sample_count;

	if (asked->bytes != answered->bytes || asked->checksum != answered->checksum)
		fail("%s: what came back is not what was sent", plan->peer->name);
	json_number("trips", trips);
	json_number("mean_us", used.time / trips * 1e6);
	samples_report("", shared->samples, shared->sample_count);
	json_number("cpu_us_per_trip", used.cpu / trips * 1e6);
	report_sleeps(plan, asked, "asker_sleeps_per_trip");
	report_sleeps(plan, answered, "answerer_sleeps_per_trip");
	json_number("preemptions_per_s", used.preemptions / used.time);
	json_text("checksum", "equal");
}

const struct scenario round_trip = {
	.name = "round-trip",
	.needs = ABLE_ROUND_TRIP,
	.side = { answer_side, ask_side },
	.works_apart = true,
	.report = report,
};
