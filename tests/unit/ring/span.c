/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ring/span.h"

#include <inttypes.h>

#include "../unit.h"

#define SIZE 16u

static const uint64_t bases[] = {
	0, 1, SIZE - 1, 1000, UINT64_MAX / 2, UINT64_MAX - 5, UINT64_MAX
};

/* Byte by byte, the pieces are the places that the indices say. */
static void pieces_cover_the_indices(void **state)
{
	uint8_t data[SIZE];
	struct iovec span[2];

	(void)state;
	for (uint64_t index = UINT64_MAX - 2 * SIZE; index != 2 * SIZE; index++)
		for (uint64_t length = 0; length <= SIZE; length++) {
			ring_spans(data, SIZE, index, length, span);
			assert_int_equal(span[0].iov_len + span[1].iov_len, length);
			for (uint64_t at = 0; at < length; at++) {
				uint8_t *first = (uint8_t *)span[0].iov_base + at;
				uint8_t *second =
					(uint8_t *)span[1].iov_base + (at - span[0].iov_len);

				assert_ptr_equal(at < span[0].iov_len ? first : second,
						 &data[(index + at) % SIZE]);
			}
		}
}

static void second_piece_only_when_it_wraps(void **state)
{
	uint8_t data[SIZE];
	struct iovec span[2];

	(void)state;
	for (unsigned start = 0; start < SIZE; start++)
		for (unsigned length = 1; length <= SIZE; length++) {
			ring_spans(data, SIZE, start, length, span);
			assert_int_not_equal(span[0].iov_len, 0);
			assert_int_equal(span[1].iov_len > 0, start + length > SIZE);
		}
}

/* A mark is crossed when the steps from `from` (not counted) to `to` hit it. */
static bool hits(uint64_t mark, uint64_t from, uint64_t to)
{
	while (from != to)
		if (++from == mark)
			return true;
	return false;
}

static void crossed_means_reached_on_the_way(void **state)
{
	(void)state;
	for (size_t base = 0; base < COUNT(bases); base++)
		for (uint64_t from = bases[base] - 8; from != bases[base] + 8; from++)
			for (uint64_t to = from; to != from + 12; to++)
				for (uint64_t mark = from - 20; mark != from + 20; mark++)
					if (ring_crossed(mark, from, to) != hits(mark, from, to))
						fail_msg("mark %" PRIu64 " from %" PRIu64
							 " to %" PRIu64,
							 mark, from, to);
}

static void far_marks_are_not_crossed(void **state)
{
	(void)state;
	for (size_t base = 0; base < COUNT(bases); base++)
		for (int bit = 16; bit < 64; bit++) {
			uint64_t from = bases[base], far = UINT64_C(1) << bit;

			assert_false(ring_crossed(from + far, from, from + 4096));
			assert_false(ring_crossed(from - far, from, from + 4096));
			assert_true(ring_crossed(from + far, from, from + far));
			assert_false(ring_crossed(from + far, from, from + far - 1));
		}
}

static void a_goal_is_reached_or_passed(void **state)
{
	(void)state;
	for (size_t base = 0; base < COUNT(bases); base++) {
		uint64_t index = bases[base];
		struct ring_goal here = { &index, index }, next = { &index, index + 1 };

		assert_true(ring_reached(&here));
		assert_false(ring_reached(&next));
		index += 5;
		assert_true(ring_reached(&here));
		assert_true(ring_reached(&next));
	}
}

RUN(TEST(a_goal_is_reached_or_passed), TEST(pieces_cover_the_indices),
    TEST(second_piece_only_when_it_wraps), TEST(crossed_means_reached_on_the_way),
    TEST(far_marks_are_not_crossed))
