/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One thread receives from many connections in an event loop; the other side sends round and round.
 */
#include "scenario.h"

#include "ends.h"
#include "fail.h"
#include "json.h"
#include "payload.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#define EVENTS 64
#define DRAINED_AT_ONCE 16

struct crowd {
	const struct plan *plan;
	struct end **ends;
	struct payload *payloads; /* one a connection: between them there is no order */
	unsigned *left;           /* what an event loop was told of and has not read to the end */
	unsigned left_count;
	char *buffer;
	uint64_t bytes;
};

static struct crowd crowd_open(const struct plan *plan, enum side side)
{
	struct crowd crowd = { .plan = plan,
			       .ends = ends_open(plan, side),
			       .payloads = calloc(plan->connections, sizeof *crowd.payloads),
			       .left = calloc(plan->connections, sizeof *crowd.left),
			       .buffer = malloc(plan->size) };

	if (!crowd.payloads || !crowd.left || !crowd.buffer)
		fail("no memory for %u connections", plan->connections);
	for (unsigned i = 0; i < plan->connections; i++)
		crowd.payloads[i].all = plan->touch_all;
	return crowd;
}

static void crowd_close(struct crowd *crowd, struct tally *tally)
{
	tally->bytes = crowd->bytes;
	for (unsigned i = 0; i < crowd->plan->connections; i++)
		tally->checksum += payload_checksum(&crowd->payloads[i]) * (i + 1);
	ends_close(crowd->plan, crowd->ends);
	free(crowd->payloads);
	free(crowd->left);
	free(crowd->buffer);
}

static void send_round(struct crowd *crowd)
{
	const struct plan *plan = crowd->plan;

	for (unsigned i = 0; i < plan->connections; i++) {
		payload_fill(&crowd->payloads[i], crowd->buffer, plan->size);
		plan->peer->send(crowd->ends[i], crowd->buffer, plan->size, 1);
	}
	crowd->bytes += (uint64_t)plan->size * plan->connections;
}

static void send_side(const struct plan *plan, struct shared *shared)
{
	struct crowd crowd = crowd_open(plan, SIDE_CONNECTS);

	meet_slowly(shared);
	while (atomic_load_explicit(&shared->phase, memory_order_relaxed) != PHASE_OVER)
		send_round(&crowd);
	set_total(shared, crowd.bytes + (uint64_t)plan->size * plan->connections);
	send_round(&crowd);
	meet_slowly(shared);
	crowd_close(&crowd, &shared->tally[SIDE_CONNECTS]);
}

static int watch_all(struct crowd *crowd)
{
	int set = epoll_create1(EPOLL_CLOEXEC);

	if (set < 0)
		fail_errno("epoll_create1");
	for (unsigned i = 0; i < crowd->plan->connections; i++) {
		struct epoll_event event = { .events = EPOLLIN, .data.u32 = i };

		if (epoll_ctl(set, EPOLL_CTL_ADD, crowd->plan->peer->descriptor(crowd->ends[i]),
			      &event))
			fail_errno("epoll_ctl");
	}
	return set;
}

/* True when there may be more: an endless stream must not keep the loop from the others. */
static bool drain(struct crowd *crowd, unsigned index)
{
	const struct plan *plan = crowd->plan;

	for (unsigned i = 0; i < DRAINED_AT_ONCE; i++) {
		size_t got =
			plan->peer->receive(crowd->ends[index], crowd->buffer, plan->size, false);

		if (got == 0)
			return false;
		payload_check(&crowd->payloads[index], crowd->buffer, got);
		crowd->bytes += got;
	}
	return true;
}

/* Some peers tell of bytes once only: what was left is looked at without being told. */
static void serve_left(struct crowd *crowd)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < crowd->left_count; i++) {
		if (drain(crowd, crowd->left[i]))
			crowd->left[kept++] = crowd->left[i];
	}
	crowd->left_count = kept;
}

static bool is_left(const struct crowd *crowd, unsigned index)
{
	for (unsigned i = 0; i < crowd->left_count; i++) {
		if (crowd->left[i] == index)
			return true;
	}
	return false;
}

static void serve(struct crowd *crowd, int set)
{
	const struct peer *peer = crowd->plan->peer;
	struct epoll_event events[EVENTS];
	int count = epoll_wait(set, events, EVENTS, crowd->left_count ? 0 : -1);

	if (count < 0)
		fail_errno("epoll_wait");
	for (int i = 0; i < count; i++) {
		unsigned index = events[i].data.u32;

		if (peer->woken)
			peer->woken(crowd->ends[index]);
		if (drain(crowd, index) && peer->woken && !is_left(crowd, index))
			crowd->left[crowd->left_count++] = index;
	}
	serve_left(crowd);
}

static void receive_side(const struct plan *plan, struct shared *shared)
{
	struct tally *tally = &shared->tally[SIDE_LISTENS];
	struct crowd crowd = crowd_open(plan, SIDE_LISTENS);
	int set = watch_all(&crowd);
	double began;

	meet_slowly(shared);
	began = now();
	while (now() - began < plan->seconds / 4)
		serve(&crowd, set);
	tally->from = usage_now(crowd.bytes, plan->peer, crowd.ends[0]);
	while (now() - tally->from.time < plan->seconds)
		serve(&crowd, set);
	tally->to = usage_now(crowd.bytes, plan->peer, crowd.ends[0]);
	set_phase(shared, PHASE_OVER);
	while (crowd.bytes != atomic_load(&shared->total))
		serve(&crowd, set);
	meet_slowly(shared);
	close(set);
	crowd_close(&crowd, tally);
}

static void report(const struct plan *plan, struct shared *shared)
{
	const struct tally *received = &shared->tally[SIDE_LISTENS];
	const struct tally *sent = &shared->tally[SIDE_CONNECTS];
	struct usage used = usage_since(&received->from, &received->to);
	double messages = used.bytes / (double)plan->size;

	if (sent->bytes != received->bytes || sent->checksum != received->checksum)
		fail("%s: what was received is not what was sent", plan->peer->name);
	json_number("messages_per_s", messages / used.time);
	json_number("ns_per_message", used.time / messages * 1e9);
	json_number("receiver_cpu_ns_per_message", used.cpu / messages * 1e9);
	json_number("receiver_sleeps_per_s", used.sleeps / used.time);
	json_text("checksum", "equal");
}

const struct scenario many = {
	.name = "many",
	.needs = ABLE_MANY,
	.side = { receive_side, send_side },
	.report = report,
};
