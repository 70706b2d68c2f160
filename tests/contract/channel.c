/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Event channels: both ways, merging, nothing lost, refused, closed. */
#include "scenarios.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#define ROUNDS 200
#define COUNTS 20000u

static bool is_local(const struct side *side)
{
	return !strcmp(side->ops->name, "local");
}

static struct channel *offer(struct side *side)
{
	struct channel *channel;
	uint32_t port;

	CHECK_RESULT(side->ops->channel_offer(side->platform, side->peer, &port, &channel), 0);
	CHECK_RESULT(side->ops->channel_drain(channel), 0);
	CHECK(!channel_is_ready(side, channel));
	say(side, "port", "%u", port);
	return channel;
}

static struct channel *bind_offered(struct side *side)
{
	uint32_t port = (uint32_t)hear_number(side, "port");
	struct channel *channel;

	CHECK_RESULT(side->ops->channel_bind(side->platform, side->peer, port, &channel), 0);
	/* A fresh channel fires once. */
	await_channel(side, channel);
	CHECK_RESULT(side->ops->channel_drain(channel), 0);
	CHECK(!channel_is_ready(side, channel));
	return channel;
}

static void drain_all(struct side *side, struct channel *channel)
{
	for (int i = 0; i < 10 && side->ops->channel_drain(channel) == 1; i++)
		continue;
	CHECK_RESULT(side->ops->channel_drain(channel), 0);
	CHECK(!channel_is_ready(side, channel));
}

void channel_both_ways_a(struct side *side)
{
	struct channel *channel = offer(side);

	meet(side, "bound");
	drain_all(side, channel);
	meet(side, "quiet");
	for (int i = 0; i < ROUNDS; i++) {
		await_channel(side, channel);
		CHECK_RESULT(side->ops->channel_notify(channel), 0);
	}
	meet(side, "over");
	CHECK(!side->ops->channel_lost(channel));
	meet(side, "checked");
	side->ops->channel_close(channel);
}

void channel_both_ways_b(struct side *side)
{
	struct channel *channel = bind_offered(side);

	meet(side, "bound");
	meet(side, "quiet");
	for (int i = 0; i < ROUNDS; i++) {
		CHECK_RESULT(side->ops->channel_notify(channel), 0);
		await_channel(side, channel);
	}
	meet(side, "over");
	CHECK(!side->ops->channel_lost(channel));
	meet(side, "checked");
	side->ops->channel_close(channel);
}

void channel_merge_a(struct side *side)
{
	struct channel *channel = offer(side);

	/* On Xen a notification of a port that nobody has bound goes nowhere. */
	if (is_local(side))
		CHECK_RESULT(side->ops->channel_notify(channel), 0);
	meet(side, "notified");
	await_channel(side, channel);
	drain_all(side, channel);
	CHECK_RESULT(side->ops->channel_notify(channel), 0);
	meet(side, "drained");
	side->ops->channel_close(channel);
}

void channel_merge_b(struct side *side)
{
	struct channel *channel = bind_offered(side);

	for (int i = 0; i < 1000; i++)
		CHECK_RESULT(side->ops->channel_notify(channel), 0);
	meet(side, "notified");
	await_channel(side, channel); /* from before and after the binding alike */
	meet(side, "drained");
	side->ops->channel_close(channel);
}

/* B counts in a shared page and notifies each time; A must get to see the last count. */
void channel_race_a(struct side *side)
{
	struct channel *channel = offer(side);
	uint32_t reference;
	void *address;
	atomic_uint *count;

	CHECK_RESULT(side->ops->grant(side->platform, side->peer, 1, &reference, &address), 0);
	count = address;
	say(side, "reference", "%u", reference);
	while (atomic_load(count) != COUNTS)
		await_channel(side, channel);
	meet(side, "over");
	side->ops->ungrant(side->platform, address, 1);
	side->ops->channel_close(channel);
}

void channel_race_b(struct side *side)
{
	struct channel *channel = bind_offered(side);
	uint32_t reference = (uint32_t)hear_number(side, "reference");
	void *address;
	atomic_uint *count;

	CHECK_RESULT(side->ops->map(side->platform, side->peer, &reference, 1, true, &address), 0);
	count = address;
	for (unsigned i = 0; i < COUNTS; i++) {
		atomic_fetch_add(count, 1);
		CHECK_RESULT(side->ops->channel_notify(channel), 0);
	}
	meet(side, "over");
	side->ops->unmap(side->platform, address, 1);
	side->ops->channel_close(channel);
}

void channel_refused_a(struct side *side)
{
	unsigned third = side->self + side->peer + 5;
	struct channel *good, *foreign, *gone;
	uint32_t good_port, foreign_port, gone_port;

	if (!side->ops->reaches_itself)
		CHECK_RESULT(
			side->ops->channel_offer(side->platform, side->self, &good_port, &good),
			-EINVAL);
	CHECK_RESULT(side->ops->channel_offer(side->platform, side->peer, &good_port, &good), 0);
	CHECK_RESULT(side->ops->channel_offer(side->platform, third, &foreign_port, &foreign), 0);
	CHECK_RESULT(side->ops->channel_offer(side->platform, side->peer, &gone_port, &gone), 0);
	side->ops->channel_close(gone);
	say(side, "foreign", "%u", foreign_port);
	say(side, "gone", "%u", gone_port);
	say(side, "good", "%u", good_port);
	meet(side, "tried");
	side->ops->channel_close(foreign);
	side->ops->channel_close(good);
}

void channel_refused_b(struct side *side)
{
	const uint32_t bad[] = { (uint32_t)hear_number(side, "foreign"),
				 (uint32_t)hear_number(side, "gone"), 0, 1000000000, 0xffffffffu };
	uint32_t good = (uint32_t)hear_number(side, "good");
	struct channel *channel, *again;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		CHECK_RESULT(side->ops->channel_bind(side->platform, side->peer, bad[i], &channel),
			     -EINVAL);
	CHECK_RESULT(side->ops->channel_bind(side->platform, side->self, good, &channel), -EINVAL);
	CHECK_RESULT(side->ops->channel_bind(side->platform, side->peer, good, &channel), 0);
	if (!is_local(side)) /* local: a second one may get as far as the queue of the first */
		CHECK_RESULT(side->ops->channel_bind(side->platform, side->peer, good, &again),
			     -EINVAL);
	side->ops->channel_close(channel);
	meet(side, "tried");
}

/* Where the platform knows of a closed channel it says so, and does not keep its descriptors
 * readable. */
static void await_loss(struct side *side, struct channel *channel)
{
	if (!is_local(side))
		return;
	while (!side->ops->channel_lost(channel))
		await_channel(side, channel);
	drain_all(side, channel);
	CHECK(side->ops->channel_lost(channel));
	CHECK_RESULT(side->ops->channel_notify(channel), 0);
}

void channel_closed_a(struct side *side)
{
	struct channel *first = offer(side), *second;

	await_channel(side, first);
	meet(side, "bound");
	await_loss(side, first);
	side->ops->channel_close(first);
	meet(side, "again");
	second = offer(side);
	meet(side, "bound-again");
	side->ops->channel_close(
		second); /* on the local platform perhaps before it was drained at all */
}

void channel_closed_b(struct side *side)
{
	struct channel *channel = bind_offered(side);

	CHECK_RESULT(side->ops->channel_notify(channel), 0);
	meet(side, "bound");
	side->ops->channel_close(channel);
	meet(side, "again");
	channel = NULL;
	for (int64_t deadline = now_us() + WAIT_LIMIT * 1000; !channel && now_us() < deadline;) {
		uint32_t port = (uint32_t)hear_number(side, "port");

		/* The word may still be the first port. */
		if (side->ops->channel_bind(side->platform, side->peer, port, &channel) < 0)
			channel = NULL;
	}
	CHECK(channel != NULL);
	meet(side, "bound-again");
	await_loss(side, channel);
	side->ops->channel_close(channel);
}
