/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A reader that waits for more than the writer, asleep for want of space, has published. */
#include "ring.h"

#include "../unit.h"

static void both_asleep_is_noticed(void **state)
{
	struct ring ring;

	(void)state;
	for (uint64_t start = UINT64_MAX - 5; start != 5; start++) {
		ring_open(&ring, RING_SIZE, start);
		ring_send(&ring, RING_SIZE);
		assert_false(producer_has_space(&ring.out, 1, RING_SIZE / 2));
		assert_false(ring_take(&ring, 100));
		assert_false(consumer_has_data(&ring.in, RING_SIZE, false));
		assert_true(consumer_starves(&ring.in));
		assert_true(producer_has_space(&ring.out, 1, RING_SIZE / 2));
		ring_close(&ring);
	}
}

static void a_writer_that_was_woken_does_not_sleep(void **state)
{
	struct ring ring;

	(void)state;
	ring_open(&ring, RING_SIZE, 77);
	ring_send(&ring, RING_SIZE);
	assert_false(producer_has_space(&ring.out, 1, RING_SIZE / 2));
	assert_true(ring_take(&ring, RING_SIZE / 2));
	assert_false(consumer_has_data(&ring.in, RING_SIZE, false));
	assert_false(consumer_starves(&ring.in));
	ring_close(&ring);
}

static void a_writer_that_never_slept_does_not_sleep(void **state)
{
	struct ring ring;

	(void)state;
	ring_open(&ring, RING_SIZE, 77);
	ring_send(&ring, 10);
	assert_false(consumer_has_data(&ring.in, 11, false));
	assert_false(consumer_starves(&ring.in));
	ring_close(&ring);
}

/* The farthest mark there can be: the whole ring, asked for when it was full. */
static void the_largest_wish_counts(void **state)
{
	struct ring ring;

	(void)state;
	ring_open(&ring, RING_SIZE, 0);
	ring_send(&ring, RING_SIZE);
	assert_false(producer_has_space(&ring.out, RING_SIZE, RING_SIZE));
	assert_true(consumer_starves(&ring.in));
	assert_false(ring_take(&ring, RING_SIZE - 1));
	assert_true(consumer_starves(&ring.in));
	assert_true(ring_take(&ring, 1));
	assert_false(consumer_starves(&ring.in));
	ring_close(&ring);
}

RUN(TEST(both_asleep_is_noticed), TEST(a_writer_that_was_woken_does_not_sleep),
    TEST(a_writer_that_never_slept_does_not_sleep), TEST(the_largest_wish_counts))
