/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How much is free and there, and when each end comes to know of it. */
#include "ring.h"

#include <string.h>

#include "../unit.h"

static uint8_t buffer[2 * RING_SIZE];

static void a_new_ring_is_empty(void **state)
{
	struct ring ring;

	(void)state;
	ring_open(&ring, RING_SIZE, 0);
	assert_int_equal(producer_free(&ring.out), RING_SIZE);
	assert_int_equal(consumer_refresh(&ring.in), 0);
	assert_int_equal(consumer_available(&ring.in), 0);
	assert_int_equal(consumer_copy(&ring.in, 0, buffer, 10), 0);
	ring_close(&ring);
}

static void written_is_seen_once_published(void **state)
{
	struct ring ring;

	(void)state;
	ring_open(&ring, RING_SIZE, 0);
	assert_int_equal(producer_copy(&ring.out, buffer, 100), 100);
	assert_int_equal(producer_free(&ring.out), RING_SIZE - 100);
	assert_int_equal(consumer_refresh(&ring.in), 0);
	assert_int_equal(consumer_available(&ring.in), 0);
	producer_publish(&ring.out);
	assert_int_equal(consumer_available(&ring.in), 0);
	assert_int_equal(consumer_refresh(&ring.in), 0);
	assert_int_equal(consumer_available(&ring.in), 100);
	ring_close(&ring);
}

static void released_is_free_after_a_refresh(void **state)
{
	struct ring ring;

	(void)state;
	ring_open(&ring, RING_SIZE, 0);
	ring_send(&ring, RING_SIZE);
	assert_int_equal(producer_free(&ring.out), 0);
	assert_int_equal(producer_copy(&ring.out, buffer, 1), 0);
	ring_take(&ring, 10);
	assert_int_equal(producer_free(&ring.out), 0);
	assert_int_equal(producer_refresh(&ring.out), 0);
	assert_int_equal(producer_free(&ring.out), 10);
	assert_int_equal(consumer_available(&ring.in), RING_SIZE - 10);
	ring_close(&ring);
}

static void copies_take_what_fits(void **state)
{
	struct ring ring;

	(void)state;
	ring_open(&ring, RING_SIZE, 5);
	assert_int_equal(producer_copy(&ring.out, buffer, sizeof buffer), RING_SIZE);
	producer_publish(&ring.out);
	assert_int_equal(consumer_refresh(&ring.in), 0);
	assert_int_equal(consumer_copy(&ring.in, 0, buffer, sizeof buffer), RING_SIZE);
	assert_int_equal(consumer_copy(&ring.in, RING_SIZE - 3, buffer, sizeof buffer), 3);
	assert_int_equal(consumer_copy(&ring.in, RING_SIZE, buffer, sizeof buffer), 0);
	ring_close(&ring);
}

/* Peeking at an offset leaves all where it is. */
static void a_copy_consumes_nothing(void **state)
{
	struct ring ring;

	(void)state;
	ring_open(&ring, RING_SIZE, RING_SIZE - 7);
	ring_send(&ring, 20);
	assert_int_equal(consumer_refresh(&ring.in), 0);
	for (size_t offset = 0; offset < 20; offset++) {
		assert_int_equal(consumer_copy(&ring.in, offset, buffer, 20), 20 - offset);
		assert_int_equal(ring_differs(buffer, RING_SIZE - 7 + offset, 20 - offset),
				 20 - offset);
	}
	assert_int_equal(consumer_available(&ring.in), 20);
	ring_take(&ring, 20);
	ring_close(&ring);
}

static void spans_show_all_in_place(void **state)
{
	struct iovec span[2];
	struct ring ring;

	(void)state;
	for (uint64_t start = 0; start < RING_SIZE; start += 13) {
		ring_open(&ring, RING_SIZE, start);
		producer_spans(&ring.out, span);
		assert_int_equal(span[0].iov_len + span[1].iov_len, RING_SIZE);
		ring_fill(span[0].iov_base, start, span[0].iov_len);
		ring_fill(span[1].iov_base, start + span[0].iov_len, span[1].iov_len);
		producer_advance(&ring.out, RING_SIZE);
		producer_spans(&ring.out, span);
		assert_int_equal(span[0].iov_len + span[1].iov_len, 0);
		producer_publish(&ring.out);
		assert_int_equal(consumer_refresh(&ring.in), 0);
		consumer_spans(&ring.in, span);
		assert_int_equal(span[0].iov_len, RING_SIZE - start % RING_SIZE);
		assert_int_equal(ring_differs(span[0].iov_base, start, span[0].iov_len),
				 span[0].iov_len);
		ring_take(&ring, RING_SIZE);
		ring_close(&ring);
	}
}

RUN(TEST(a_new_ring_is_empty), TEST(written_is_seen_once_published),
    TEST(released_is_free_after_a_refresh), TEST(copies_take_what_fits),
    TEST(a_copy_consumes_nothing), TEST(spans_show_all_in_place))
