/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A peer that writes anything: it is refused, and no copy leaves the ring (its guard pages kill).
 */
#include "ring.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "../unit.h"

static const uint64_t starts[] = { 0, 5000, UINT64_MAX - 500 };
static uint8_t buffer[4 * RING_SIZE];

/* 1000 bytes read, 1000 seen but not read, 1000 published but not seen, 500 not published. */
static void open_half_full(struct ring *ring, uint64_t start)
{
	ring_open(ring, RING_SIZE, start);
	ring_send(ring, 1000);
	ring_take(ring, 1000);
	ring_send(ring, 1000);
	assert_int_equal(consumer_refresh(&ring->in), 0);
	ring_send(ring, 1000);
	ring_fill(buffer, ring->out.written, 500);
	assert_int_equal(producer_copy(&ring->out, buffer, 500), 500);
}

static void expect_data_lie(uint64_t start, uint64_t lie)
{
	struct ring ring;

	open_half_full(&ring, start);
	ring.shared.produced.index = lie;
	if (consumer_refresh(&ring.in) != -EPROTO)
		fail_msg("produced %" PRIu64 " after %" PRIu64 " was believed", lie, start);
	assert_int_equal(consumer_available(&ring.in), 1000);
	assert_int_equal(consumer_copy(&ring.in, 0, buffer, sizeof buffer), 1000);
	assert_int_equal(ring_differs(buffer, ring.in.consumed, 1000), 1000);
	ring_close(&ring);
}

static void expect_space_lie(uint64_t start, uint64_t lie)
{
	struct ring ring;
	size_t free;

	open_half_full(&ring, start);
	assert_int_equal(producer_refresh(&ring.out), 0);
	free = producer_free(&ring.out);
	assert_int_equal(free, RING_SIZE - 2500);
	ring.shared.consumed.index = lie;
	if (producer_refresh(&ring.out) != -EPROTO)
		fail_msg("consumed %" PRIu64 " after %" PRIu64 " was believed", lie, start);
	assert_int_equal(producer_free(&ring.out), free);
	assert_int_equal(producer_copy(&ring.out, buffer, sizeof buffer), free);
	ring_close(&ring);
}

static void data_backward_or_beyond_the_ring(void **state)
{
	(void)state;
	for (size_t at = 0; at < COUNT(starts); at++) {
		uint64_t start = starts[at], consumed = start + 1000, seen = start + 2000;
		const uint64_t lies[] = { seen - 1,
					  consumed,
					  consumed - 1,
					  start,
					  consumed - RING_SIZE,
					  consumed + RING_SIZE + 1,
					  consumed + 2 * RING_SIZE,
					  consumed + (UINT64_C(1) << 32),
					  consumed + (UINT64_C(1) << 63),
					  consumed + (UINT64_C(1) << 63) + 2000 };

		for (size_t lie = 0; lie < COUNT(lies); lie++)
			expect_data_lie(start, lies[lie]);
	}
}

static void space_backward_or_beyond_the_published(void **state)
{
	(void)state;
	for (size_t at = 0; at < COUNT(starts); at++) {
		uint64_t start = starts[at], consumed = start + 1000, published = start + 3000;
		const uint64_t lies[] = { consumed - 1,
					  start,
					  consumed - RING_SIZE,
					  published + 1,
					  published + 500, /* written, not published */
					  published + 501,
					  published + RING_SIZE,
					  consumed + (UINT64_C(1) << 32),
					  consumed + (UINT64_C(1) << 63) };

		for (size_t lie = 0; lie < COUNT(lies); lie++)
			expect_space_lie(start, lies[lie]);
	}
}

static void the_truth_at_its_edges_is_believed(void **state)
{
	struct ring ring;

	(void)state;
	for (size_t at = 0; at < COUNT(starts); at++) {
		open_half_full(&ring, starts[at]);
		ring.shared.produced.index = ring.in.consumed + RING_SIZE;
		assert_int_equal(consumer_refresh(&ring.in), 0);
		assert_int_equal(consumer_available(&ring.in), RING_SIZE);
		ring.shared.consumed.index = ring.out.published;
		assert_int_equal(producer_refresh(&ring.out), 0);
		assert_int_equal(producer_free(&ring.out), RING_SIZE - 500);
		ring_close(&ring);
	}
}

/* Nobody sleeps on a lie: it looks ready, and the transfer that follows finds it out. */
static void lies_look_ready(void **state)
{
	struct ring ring;

	(void)state;
	open_half_full(&ring, 5000);
	for (int bit = 13; bit < 64; bit++) {
		ring.shared.produced.index = ring.in.consumed + (UINT64_C(1) << bit);
		assert_true(consumer_has_data(&ring.in, RING_SIZE, false));
		assert_int_equal(consumer_refresh(&ring.in), -EPROTO);
		ring.shared.consumed.index = ring.out.written + (UINT64_C(1) << bit);
		assert_true(producer_has_space(&ring.out, RING_SIZE, RING_SIZE));
		assert_int_equal(producer_refresh(&ring.out), -EPROTO);
		ring.shared.consumed.index = ring.out.written - (UINT64_C(1) << bit);
		assert_true(producer_has_space(&ring.out, RING_SIZE, RING_SIZE));
		assert_int_equal(producer_refresh(&ring.out), -EPROTO);
	}
	ring_close(&ring);
}

static uint64_t near(uint64_t index)
{
	uint64_t offset = (uint64_t)random() % (3 * RING_SIZE);

	return random() % 16 == 0 ? (uint64_t)random() << 33 : index + offset - 3 * RING_SIZE / 2;
}

/* Whatever is there at each look, what is believed goes forward only and never exceeds the ring. */
static void random_indices(void **state)
{
	struct ring ring;

	(void)state;
	srandom(1);
	ring_open(&ring, RING_SIZE, UINT64_MAX - 100000);
	for (unsigned round = 0; round < 200000; round++) {
		uint64_t before = ring.in.produced;

		ring.shared.produced.index = near(ring.in.produced);
		ring.shared.space_wanted.mark = near(ring.in.produced);
		consumer_refresh(&ring.in);
		assert_true(ring.in.produced - before <= RING_SIZE);
		assert_true(consumer_available(&ring.in) <= RING_SIZE);
		consumer_release(&ring.in, consumer_copy(&ring.in, 0, buffer, sizeof buffer));

		ring.shared.consumed.index = near(ring.out.published);
		ring.shared.data_wanted.mark = near(ring.out.published);
		producer_refresh(&ring.out);
		assert_true(producer_free(&ring.out) <= RING_SIZE);
		producer_copy(&ring.out, buffer, (size_t)random() % sizeof buffer);
		producer_publish(&ring.out);
	}
	ring_close(&ring);
}

RUN(TEST(data_backward_or_beyond_the_ring), TEST(space_backward_or_beyond_the_published),
    TEST(the_truth_at_its_edges_is_believed), TEST(lies_look_ready), TEST(random_indices))
