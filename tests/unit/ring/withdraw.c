/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A writer takes back exactly what its reader did not take. */
#include "ring.h"

#include <errno.h>

#include "../unit.h"

static const uint64_t starts[] = { 0, 3000, 5000, UINT64_MAX - 500 };
static uint8_t buffer[2 * RING_SIZE];

/* `sent` bytes published, `taken` of them read, `more` only written. */
static void open_used(struct ring *ring, uint64_t start, size_t sent, size_t taken, size_t more)
{
	ring_open(ring, RING_SIZE, start);
	ring_send(ring, sent);
	ring_take(ring, taken);
	assert_int_equal(producer_refresh(&ring->out), 0);
	ring_fill(buffer, ring->out.written, more);
	assert_int_equal(producer_copy(&ring->out, buffer, more), more);
	consumer_end(&ring->in);
}

static void expect_rest(struct ring *ring, uint64_t from, size_t left, size_t step)
{
	while (left > 0) {
		size_t expected = step < left ? step : left;

		assert_int_equal(producer_withdraw(&ring->out, buffer, step), expected);
		assert_int_equal(ring_differs(buffer, from, expected), expected);
		from += expected;
		left -= expected;
	}
	assert_int_equal(producer_withdraw(&ring->out, buffer, step), 0);
}

static void all_that_was_not_taken(void **state)
{
	static const struct {
		size_t sent, taken, more;
	} uses[] = { { 0, 0, 0 },         { 100, 0, 0 },
		     { 100, 100, 0 },     { 0, 0, 100 },
		     { 1000, 300, 500 },  { RING_SIZE, 0, 0 },
		     { RING_SIZE, 1, 1 }, { 3000, 3000, RING_SIZE } };
	static const size_t steps[] = { 1, 7, 1000, 2 * RING_SIZE };
	struct ring ring;

	(void)state;
	for (size_t start = 0; start < COUNT(starts); start++)
		for (size_t use = 0; use < COUNT(uses); use++)
			for (size_t step = 0; step < COUNT(steps); step++) {
				open_used(&ring, starts[start], uses[use].sent, uses[use].taken,
					  uses[use].more);
				assert_int_equal(producer_freeze(&ring.out), 0);
				expect_rest(&ring, starts[start] + uses[use].taken,
					    uses[use].sent - uses[use].taken + uses[use].more,
					    steps[step]);
				ring_close(&ring);
			}
}

/* What was not published when it was frozen stays hidden from a reader that still looks. */
static void nothing_is_published_any_more(void **state)
{
	struct ring ring;

	(void)state;
	open_used(&ring, 0, 1000, 300, 500);
	assert_int_equal(producer_freeze(&ring.out), 0);
	assert_false(producer_publish(&ring.out));
	assert_int_equal(ring.shared.produced.index, 1000);
	ring_close(&ring);
}

/* Whatever a reader says afterwards: the place was settled once. */
static void a_reader_that_goes_on_changes_nothing(void **state)
{
	struct ring ring;

	(void)state;
	open_used(&ring, 5000, 1000, 300, 0);
	assert_int_equal(producer_freeze(&ring.out), 0);
	assert_int_equal(producer_withdraw(&ring.out, buffer, 100), 100);
	ring_take(&ring, 700);
	expect_rest(&ring, 5400, 600, 64);
	ring_close(&ring);
}

static void lies_are_refused(void **state)
{
	struct ring ring;

	(void)state;
	for (size_t at = 0; at < COUNT(starts); at++) {
		uint64_t taken = starts[at] + 300, published = starts[at] + 1000;
		const uint64_t lies[] = { taken - 1, published + 1,
					  published + 500, /* written, not published */
					  published + RING_SIZE, taken + (UINT64_C(1) << 63) };

		for (size_t lie = 0; lie < COUNT(lies); lie++) {
			open_used(&ring, starts[at], 1000, 300, 500);
			ring.shared.consumed.index = lies[lie];
			assert_int_equal(producer_freeze(&ring.out), -EPROTO);
			ring_close(&ring);
		}
	}
}

RUN(TEST(all_that_was_not_taken), TEST(nothing_is_published_any_more),
    TEST(a_reader_that_goes_on_changes_nothing), TEST(lies_are_refused))
