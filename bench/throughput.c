/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One way, as fast as it goes, timed at the receiver after a warm-up. */
#include "scenario.h"

#include "fail.h"
#include "json.h"
#include "payload.h"

#include <stdlib.h>

#define LOOK_BYTES ((uint64_t)64 << 10) /* between two looks at the clock */

struct sender {
	const struct peer *peer;
	struct end *end;
	struct payload payload;
	char *buffer;
	size_t size;
	unsigned batch;
};

static char *buffer_of(size_t size)
{
	void *buffer = aligned_alloc(4096, (size + 4095) / 4096 * 4096);

	if (!buffer)
		fail("no memory for messages of %zu bytes", size);
	return buffer;
}

static void send_batch(struct sender *sender)
{
	if (sender->peer->produce) {
		sender->peer->produce(sender->end, &sender->payload, sender->size);
		return;
	}
	payload_fill(&sender->payload, sender->buffer, sender->size * sender->batch);
	sender->peer->send(sender->end, sender->buffer, sender->size, sender->batch);
}

/* Until the receiver has seen enough; notes what was used at the changes of phase. */
static void send_until_over(struct sender *sender, struct shared *shared, struct tally *tally)
{
	int seen = PHASE_WARM_UP;

	while (seen != PHASE_OVER) {
		int phase = atomic_load_explicit(&shared->phase, memory_order_relaxed);

		if (phase != seen) {
			struct usage usage =
				usage_now(sender->payload.position, sender->peer, sender->end);

			if (seen == PHASE_WARM_UP)
				tally->from = usage;
			tally->to = usage;
			seen = phase;
		}
		/* The receiver has to know the end before it waits for what never comes. */
		if (phase == PHASE_OVER)
			set_total(shared, sender->payload.position + sender->size * sender->batch);
		send_batch(sender);
	}
}

static void send_side(const struct plan *plan, struct shared *shared)
{
	struct tally *tally = &shared->tally[SIDE_CONNECTS];
	struct sender sender = {
		.peer = plan->peer,
		.end = plan->peer->open(plan, SIDE_CONNECTS, 0),
		.payload = { .all = plan->touch_all },
		.buffer = buffer_of(plan->size * plan->batch),
		.size = plan->size,
		.batch = plan->batch,
	};

	send_until_over(&sender, shared, tally);
	tally->bytes = sender.payload.position;
	tally->checksum = payload_checksum(&sender.payload);
	meet_slowly(shared);
	sender.peer->close(sender.end);
	free(sender.buffer);
}

/* The phase that follows from the time; the clock is read once in a while only. */
static int next_phase(const struct plan *plan, const struct usage *began, double time, int phase)
{
	double warm_up = plan->seconds / 4;

	if (phase == PHASE_WARM_UP && time - began->time >= warm_up)
		return PHASE_MEASURED;
	if (phase == PHASE_MEASURED && time - began->time >= plan->seconds)
		return PHASE_OVER;
	return phase;
}

struct receiver {
	const struct peer *peer;
	struct end *end;
	struct payload payload;
	char *buffer;
	size_t size;
};

static void receive_some(struct receiver *receiver)
{
	size_t got;

	if (receiver->peer->consume) {
		receiver->peer->consume(receiver->end, &receiver->payload);
		return;
	}
	got = receiver->peer->receive(receiver->end, receiver->buffer, receiver->size, true);
	payload_check(&receiver->payload, receiver->buffer, got);
}

static void receive_until_over(const struct plan *plan, struct receiver *receiver,
			       struct shared *shared, struct tally *tally)
{
	struct usage mark = usage_now(0, receiver->peer, receiver->end);
	uint64_t look = 0;
	int phase = PHASE_WARM_UP;

	for (;;) {
		receive_some(receiver);
		if (phase == PHASE_OVER &&
		    receiver->payload.position == atomic_load(&shared->total))
			return;
		if (phase == PHASE_OVER || receiver->payload.position < look)
			continue;
		look = receiver->payload.position + LOOK_BYTES;
		if (next_phase(plan, &mark, now(), phase) == phase)
			continue;
		phase++;
		mark = usage_now(receiver->payload.position, receiver->peer, receiver->end);
		*(phase == PHASE_MEASURED ? &tally->from : &tally->to) = mark;
		set_phase(shared, phase);
	}
}

static void receive_side(const struct plan *plan, struct shared *shared)
{
	struct tally *tally = &shared->tally[SIDE_LISTENS];
	struct receiver receiver = {
		.peer = plan->peer,
		.end = plan->peer->open(plan, SIDE_LISTENS, 0),
		.payload = { .all = plan->touch_all },
		.buffer = buffer_of(plan->size * plan->batch),
		.size = plan->size * plan->batch,
	};

	receive_until_over(plan, &receiver, shared, tally);
	tally->bytes = receiver.payload.position;
	tally->checksum = payload_checksum(&receiver.payload);
	tally->buffer = plan->peer->buffer ? plan->peer->buffer(receiver.end) : 0;
	meet_slowly(shared);
	receiver.peer->close(receiver.end);
	free(receiver.buffer);
}

static void report_end(const char *const names[4], const struct tally *tally)
{
	struct usage used = usage_since(&tally->from, &tally->to);

	json_number(names[0], used.cpu / (used.bytes / 1e9));
	json_number(names[1], used.sleeps / used.time);
	if (!used.counters.known)
		return;
	json_number(names[2], (double)used.counters.notifications / used.time);
	json_number(names[3], (double)used.counters.waits / used.time);
}

static void report(const struct plan *plan, struct shared *shared)
{
	static const char *const sender_names[] = { "sender_cpu_s_per_gb", "sender_sleeps_per_s",
						    "sender_notifications_per_s",
						    "sender_waits_per_s" };
	static const char *const receiver_names[] = { "receiver_cpu_s_per_gb",
						      "receiver_sleeps_per_s",
						      "receiver_notifications_per_s",
						      "receiver_waits_per_s" };
	const struct tally *sent = &shared->tally[SIDE_CONNECTS];
	const struct tally *received = &shared->tally[SIDE_LISTENS];
	struct usage in = usage_since(&received->from, &received->to);
	struct usage out = usage_since(&sent->from, &sent->to);

	if (sent->bytes != received->bytes || sent->checksum != received->checksum)
		fail("%s: what was received is not what was sent: %llu of %llu bytes, checksums %s",
		     plan->peer->name, (unsigned long long)received->bytes,
		     (unsigned long long)sent->bytes,
		     sent->checksum == received->checksum ? "equal" : "differ");
	json_number("gb_per_s", in.bytes / in.time / 1e9);
	json_number("messages_per_s", in.bytes / in.time / (double)plan->size);
	json_number("cpu_s_per_gb", in.cpu / (in.bytes / 1e9) + out.cpu / (out.bytes / 1e9));
	report_end(sender_names, sent);
	report_end(receiver_names, received);
	json_number("preemptions_per_s", in.preemptions / in.time + out.preemptions / out.time);
	json_number("measured_s", in.time);
	json_number("bytes", (double)received->bytes);
	json_text("checksum", "equal");
	if (received->buffer)
		json_number("buffer", (double)received->buffer);
}

const struct scenario throughput = {
	.name = "throughput",
	.needs = ABLE_STREAM,
	.side = { receive_side, send_side },
	.works_apart = true,
	.report = report,
};
