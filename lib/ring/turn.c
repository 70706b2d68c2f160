/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ring/turn.h"

#include "base/error.h"
#include "base/shared.h"
#include "ring/consumer.h"
#include "ring/producer.h"
#include "ring/span.h"

bool producer_fits(const struct producer *producer, uint64_t size)
{
	return producer->written - producer->consumed <= size;
}

/* `length` bytes, which are in one piece at `from`. */
static void put(uint8_t *data, uint64_t size, uint64_t index, const struct iovec *from)
{
	struct iovec to[2];

	ring_spans(data, size, index, from->iov_len, to);
	shared_copy(to[0].iov_base, from->iov_base, to[0].iov_len);
	shared_copy(to[1].iov_base, (const uint8_t *)from->iov_base + to[0].iov_len, to[1].iov_len);
}

void producer_turn(struct producer *producer, void *data, uint64_t size, uint32_t generation)
{
	uint64_t unread = producer->written - producer->consumed;
	struct iovec from[2];

	ring_spans(producer->data, producer->size, producer->consumed, unread, from);
	put(data, size, producer->consumed, &from[0]);
	put(data, size, producer->consumed + from[0].iov_len, &from[1]);
	producer->data = data;
	producer->fetched = producer->written;
	/* Relaxed atomic, as producer_has_space may look from another thread. */
	__atomic_store_n(&producer->size, size, __ATOMIC_RELAXED);
	/* Release: whoever sees the turn sees the copies; and any later index comes after it, so
	 * whoever sees that sees the turn. */
	producer->turn = turn_word(generation);
	producer_ask(producer, false);
}

void producer_keep(struct producer *producer, uint32_t generation)
{
	producer->turn = turn_word(generation) | TURN_KEPT;
	producer_ask(producer, false);
}

void producer_ask(struct producer *producer, bool asks)
{
	shared_store32(&producer->shared->produced.turn, producer->turn | (asks ? TURN_ASKS : 0));
}

void consumer_expect(struct consumer *consumer, const void *data, uint64_t size,
		     uint32_t generation)
{
	consumer->turn.expected = generation;
	consumer->turn.data = data;
	consumer->turn.size = size;
}

void consumer_expect_none(struct consumer *consumer)
{
	consumer->turn.data = NULL;
}

static int change_over(struct consumer *consumer, uint32_t word)
{
	struct turn *turn = &consumer->turn;

	if (turn->data == NULL || (word & ~TURN_KEPT) != turn_word(turn->expected))
		return fail(EPROTO,
			    "the peer claims to have gone on in another ring than was agreed");
	turn->kept = (word & TURN_KEPT) != 0;
	if (!turn->kept) {
		consumer->data = turn->data;
		/* Relaxed atomic, as consumer_size may look from another thread. */
		__atomic_store_n(&consumer->size, turn->size, __ATOMIC_RELAXED);
	}
	turn->data = NULL;
	turn->generation = turn->expected;
	return 0;
}

int consumer_turn(struct consumer *consumer, uint32_t word)
{
	if (((word ^ consumer->turn.word) & ~TURN_ASKS) != 0 &&
	    change_over(consumer, word & ~TURN_ASKS) != 0)
		return -EPROTO;
	consumer->turn.word = word;
	consumer->turn.news = true;
	return 0;
}
