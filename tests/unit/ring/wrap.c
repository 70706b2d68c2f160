/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bytes come out as they went in, wherever in the ring and in the count of bytes they lie. */
#include "ring.h"

#include "../unit.h"

static const size_t lengths[] = { 1, 2, 63, 1000, RING_SIZE - 1, RING_SIZE };

static void every_offset(void **state)
{
	struct ring ring;

	(void)state;
	for (uint64_t start = 0; start < RING_SIZE; start += 3) {
		ring_open(&ring, RING_SIZE, start);
		for (size_t at = 0; at < COUNT(lengths); at++) {
			ring_send(&ring, lengths[at]);
			ring_take(&ring, lengths[at]);
		}
		ring_close(&ring);
	}
}

static void indices_pass_their_last_number(void **state)
{
	struct ring ring;

	(void)state;
	for (uint64_t before = 0; before < 2 * RING_SIZE; before += 61) {
		ring_open(&ring, RING_SIZE, UINT64_MAX - before);
		for (unsigned round = 0; round < 8; round++) {
			size_t length = lengths[round % COUNT(lengths)];

			ring_send(&ring, length);
			ring_take(&ring, length / 2);
			ring_take(&ring, length - length / 2);
		}
		assert_true(ring.out.written < 8 * RING_SIZE);
		ring_close(&ring);
	}
}

static void partly_read_ring_is_filled_up(void **state)
{
	struct ring ring;

	(void)state;
	for (size_t left = 0; left < RING_SIZE; left += 97) {
		ring_open(&ring, RING_SIZE, left);
		ring_send(&ring, RING_SIZE);
		ring_take(&ring, RING_SIZE - left);
		ring_send(&ring, RING_SIZE - left);
		ring_take(&ring, RING_SIZE);
		ring_close(&ring);
	}
}

static void larger_rings(void **state)
{
	struct ring ring;

	(void)state;
	for (uint64_t size = 2 * RING_SIZE; size <= 64 * RING_SIZE; size *= 2) {
		ring_open(&ring, size, size - 1);
		for (uint64_t sent = 0; sent < 2 * size; sent += 1000) {
			ring_send(&ring, 1000);
			ring_take(&ring, 1000);
		}
		ring_close(&ring);
	}
}

RUN(TEST(every_offset), TEST(indices_pass_their_last_number), TEST(partly_read_ring_is_filled_up),
    TEST(larger_rings))
