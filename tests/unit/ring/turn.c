/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A ring changed for another in the middle of a stream: random steps of both ends against a model
 * that is two numbers, what was written and what was read. */
#include "ring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../unit.h"

#define LARGEST ((uint64_t)1 << 16)
#define SMALLEST ((uint64_t)64)

static uint8_t buffer[LARGEST];

/* A stream, both of whose ends have a spare ring when one is on offer. */
struct pair {
	struct control_direction shared;
	struct producer out;
	struct consumer in;
	uint8_t *data, *next, *old;
	uint64_t next_size;
	unsigned turns;
	uint32_t generation;
	uint64_t random;
};

static uint64_t draw(struct pair *pair, uint64_t limit)
{
	pair->random = pair->random * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (pair->random >> 33) % limit;
}

static uint8_t *ring_memory(uint64_t size)
{
	uint8_t *data = malloc(size);

	assert_non_null(data);
	/* What was there before is nobody's byte. */
	memset(data, 0xa5, size);
	return data;
}

static void open_pair(struct pair *pair, uint64_t size, uint64_t start, uint64_t seed)
{
	*pair = (struct pair){ .random = seed, .data = ring_memory(size) };
	pair->shared.produced.index = pair->shared.consumed.index = start;
	producer_init(&pair->out, &pair->shared, pair->data, size);
	consumer_init(&pair->in, &pair->shared, pair->data, size);
	pair->out.written = pair->out.published = pair->out.consumed = start;
	pair->in.consumed = pair->in.produced = start;
	pair->in.largest = LARGEST;
}

static void close_pair(struct pair *pair)
{
	free(pair->data);
	free(pair->next);
	free(pair->old);
}

/* Or takes an offer back, as when the other end refuses it. */
static void offer(struct pair *pair)
{
	if (pair->next != NULL) {
		consumer_expect_none(&pair->in);
		free(pair->next);
		pair->next = NULL;
	}
	if (pair->old != NULL)
		return;
	pair->next_size = SMALLEST << draw(pair, 11);
	pair->next = ring_memory(pair->next_size);
	consumer_expect(&pair->in, pair->next, pair->next_size, ++pair->generation);
}

/* The new ring is the one to go, once the consumer knows. */
static void keep(struct pair *pair)
{
	producer_keep(&pair->out, pair->generation);
	pair->old = pair->next;
	pair->next = NULL;
}

static void turn(struct pair *pair)
{
	if (pair->next == NULL)
		return;
	if (!producer_fits(&pair->out, pair->next_size)) {
		keep(pair);
		return;
	}
	producer_turn(&pair->out, pair->next, pair->next_size, pair->generation);
	/* The producer is done with the old one: it may no longer depend on it, only the other end
	 * may. */
	pair->old = pair->data;
	pair->data = pair->next;
	pair->next = NULL;
	pair->turns++;
}

/* As soon as the consumer looked at the new ring, the old one may go. */
static void drop_old(struct pair *pair)
{
	if (pair->old == NULL || pair->in.turn.generation != pair->generation)
		return;
	free(pair->old);
	pair->old = NULL;
}

static void put(struct pair *pair)
{
	size_t length = draw(pair, pair->out.size + 1);

	if (draw(pair, 2) == 0)
		assert_int_equal(producer_refresh(&pair->out), 0);
	if (length > producer_free(&pair->out))
		length = producer_free(&pair->out);
	ring_fill(buffer, pair->out.written, length);
	assert_int_equal(producer_copy(&pair->out, buffer, length), length);
}

/* Half of the time without a look at what the producer did since; at times all there is. */
static void take(struct pair *pair)
{
	size_t length;

	if (draw(pair, 2) == 0)
		assert_int_equal(consumer_refresh(&pair->in), 0);
	length = consumer_available(&pair->in);
	if (draw(pair, 3) > 0)
		length = draw(pair, length + 1);
	assert_int_equal(consumer_copy(&pair->in, 0, buffer, length), length);
	assert_int_equal(ring_differs(buffer, pair->in.consumed, length), length);
	consumer_release(&pair->in, length);
}

static void expect_spans(struct pair *pair)
{
	struct iovec span[2];
	size_t available = consumer_available(&pair->in);

	consumer_spans(&pair->in, span);
	assert_int_equal(span[0].iov_len + span[1].iov_len, available);
	assert_int_equal(ring_differs(span[0].iov_base, pair->in.consumed, span[0].iov_len),
			 span[0].iov_len);
	assert_int_equal(ring_differs(span[1].iov_base, pair->in.consumed + span[0].iov_len,
				      span[1].iov_len),
			 span[1].iov_len);
}

static void step(struct pair *pair)
{
	switch (draw(pair, 8)) {
	case 0:
		offer(pair);
		break;
	case 1:
		turn(pair);
		break;
	case 2:
		drop_old(pair);
		break;
	case 3:
		expect_spans(pair);
		break;
	case 4:
		producer_publish(&pair->out);
		break;
	case 5:
		put(pair);
		break;
	default:
		take(pair);
		break;
	}
	assert_true(pair->out.written - pair->in.consumed <= pair->out.size);
}

/* The consumer stops: what it did not take is the producer's again. */
static void withdraw_rest(struct pair *pair)
{
	uint64_t from = pair->in.consumed;
	size_t left = pair->out.written - from;

	consumer_end(&pair->in);
	assert_int_equal(producer_freeze(&pair->out), 0);
	while (left > 0) {
		size_t count = producer_withdraw(&pair->out, buffer, 1 + draw(pair, 3000));

		assert_true(count > 0 && count <= left);
		assert_int_equal(ring_differs(buffer, from, count), count);
		from += count;
		left -= count;
	}
	assert_int_equal(producer_withdraw(&pair->out, buffer, 1), 0);
}

static void any_order_of_steps(void **state)
{
	static const uint64_t starts[] = { 0, 12345, UINT64_MAX - 3000 };
	unsigned turns = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 300; seed++) {
		struct pair pair;

		open_pair(&pair, SMALLEST << seed % 8, starts[seed % COUNT(starts)], seed);
		for (uint64_t count = draw(&pair, 3000); count > 0; count--)
			step(&pair);
		withdraw_rest(&pair);
		turns += pair.turns;
		close_pair(&pair);
	}
	assert_true(turns > 2000);
}

/* Full, it grows: there is room at once, and the mark of who sleeps is that of the new size. */
static void a_full_ring_has_room_again(void **state)
{
	struct pair pair;

	(void)state;
	open_pair(&pair, 4096, 5000, 1);
	ring_fill(buffer, 5000, 4096);
	assert_int_equal(producer_copy(&pair.out, buffer, 4096), 4096);
	producer_publish(&pair.out);
	assert_false(producer_has_space(&pair.out, 1, 1));
	pair.next_size = 16384;
	pair.next = ring_memory(pair.next_size);
	consumer_expect(&pair.in, pair.next, pair.next_size, ++pair.generation);
	turn(&pair);
	assert_int_equal(producer_free(&pair.out), 12288);
	assert_true(producer_has_space(&pair.out, 12288, 12288));
	assert_false(producer_has_space(&pair.out, 12289, 12289));
	assert_int_equal(pair.shared.space_wanted.mark, 5001);
	close_pair(&pair);
}

static void no_smaller_than_what_is_unread(void **state)
{
	struct pair pair;

	(void)state;
	open_pair(&pair, 4096, 0, 1);
	assert_int_equal(producer_copy(&pair.out, buffer, 100), 100);
	assert_false(producer_fits(&pair.out, 64));
	assert_true(producer_fits(&pair.out, 128));
	close_pair(&pair);
}

static void lies_are_refused(void **state)
{
	struct pair pair;

	(void)state;
	open_pair(&pair, 4096, 0, 1);
	/* No ring was agreed on. */
	pair.shared.produced.turn = turn_word(1);
	assert_int_equal(consumer_refresh(&pair.in), -EPROTO);
	pair.shared.produced.turn = turn_word(0);
	offer(&pair);
	/* Two turns at once; one backward. */
	pair.shared.produced.turn = turn_word(2);
	assert_int_equal(consumer_refresh(&pair.in), -EPROTO);
	pair.shared.produced.turn = UINT32_MAX;
	assert_int_equal(consumer_refresh(&pair.in), -EPROTO);
	pair.shared.produced.turn = turn_word(1);
	assert_int_equal(consumer_refresh(&pair.in), 0);
	assert_int_equal(pair.in.size, pair.next_size);
	/* What the new ring cannot hold. */
	pair.shared.produced.index = pair.next_size + 1;
	assert_int_equal(consumer_refresh(&pair.in), -EPROTO);
	pair.shared.produced.index = 0;
	/* Back to the old one; on to one that was not agreed on. */
	pair.shared.produced.turn = turn_word(0);
	assert_int_equal(consumer_refresh(&pair.in), -EPROTO);
	pair.shared.produced.turn = turn_word(2);
	assert_int_equal(consumer_refresh(&pair.in), -EPROTO);
	close_pair(&pair);
}

/* Beside the index, so that a consumer that never sleeps hears of it. */
static void news_are_noted(void **state)
{
	struct pair pair;

	(void)state;
	open_pair(&pair, 4096, 0, 1);
	assert_int_equal(consumer_refresh(&pair.in), 0);
	assert_false(pair.in.turn.news);
	producer_ask(&pair.out, true);
	assert_int_equal(consumer_refresh(&pair.in), 0);
	assert_true(pair.in.turn.news);
	pair.in.turn.news = false;
	assert_int_equal(consumer_refresh(&pair.in), 0);
	assert_false(pair.in.turn.news);
	offer(&pair);
	turn(&pair);
	assert_int_equal(consumer_refresh(&pair.in), 0);
	assert_true(pair.in.turn.news);
	assert_ptr_equal(pair.in.data, pair.data);
	close_pair(&pair);
}

/* What was taken back from the offer is expected no more. */
static void what_is_not_expected_any_more(void **state)
{
	struct pair pair;

	(void)state;
	open_pair(&pair, 4096, 0, 1);
	offer(&pair);
	consumer_expect_none(&pair.in);
	assert_int_equal(consumer_refresh(&pair.in), 0);
	pair.shared.produced.turn = turn_word(1);
	assert_int_equal(consumer_refresh(&pair.in), -EPROTO);
	close_pair(&pair);
}

RUN(TEST(any_order_of_steps), TEST(a_full_ring_has_room_again),
    TEST(no_smaller_than_what_is_unread), TEST(lies_are_refused), TEST(news_are_noted),
    TEST(what_is_not_expected_any_more))
