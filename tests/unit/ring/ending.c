/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Each end's word that it is done reaches the other, and the bytes before it do, too. */
#include "ring.h"

#include "../unit.h"

static void a_new_ring_is_open(void **state)
{
	struct ring ring;

	(void)state;
	ring_open(&ring, RING_SIZE, 0);
	assert_false(consumer_finished(&ring.in));
	assert_false(producer_refused(&ring.out));
	ring_close(&ring);
}

static void the_last_bytes_come_before_the_end(void **state)
{
	struct ring ring;

	(void)state;
	ring_open(&ring, RING_SIZE, UINT64_MAX);
	assert_int_equal(consumer_refresh(&ring.in), 0);
	ring_send(&ring, 100);
	producer_end(&ring.out);
	assert_true(consumer_finished(&ring.in));
	assert_false(producer_refused(&ring.out));
	ring_take(&ring, 100);
	assert_int_equal(consumer_available(&ring.in), 0);
	ring_close(&ring);
}

static void a_reader_refuses(void **state)
{
	struct ring ring;

	(void)state;
	ring_open(&ring, RING_SIZE, 0);
	ring_send(&ring, 100);
	consumer_end(&ring.in);
	assert_true(producer_refused(&ring.out));
	assert_false(consumer_finished(&ring.in));
	ring_take(&ring, 100);
	ring_close(&ring);
}

/* States of later versions, and nonsense, end the direction: it is never taken for open. */
static void any_other_state_is_an_end(void **state)
{
	struct ring ring;

	(void)state;
	ring_open(&ring, RING_SIZE, 0);
	for (int bit = 0; bit < 32; bit++) {
		ring.shared.produced.state = ring.shared.consumed.state = UINT32_C(1) << bit;
		assert_true(consumer_finished(&ring.in));
		assert_true(producer_refused(&ring.out));
	}
	ring_close(&ring);
}

RUN(TEST(a_new_ring_is_open), TEST(the_last_bytes_come_before_the_end), TEST(a_reader_refuses),
    TEST(any_other_state_is_an_end))
