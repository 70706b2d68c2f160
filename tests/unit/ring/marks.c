/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who asked to be woken is told exactly once, at exactly the byte it asked for. */
#include "ring.h"

#include "../unit.h"

/* Where the counts are about to pass their last number as well. */
static const uint64_t starts[] = { 0, 1, 4095, 70000, UINT64_MAX - 100, UINT64_MAX };
static const size_t steps[] = { 1, 3, 64, 1000 };

static void data_wakes_at_the_byte_needed(void **state)
{
	struct ring ring;

	(void)state;
	for (size_t base = 0; base < COUNT(starts); base++)
		for (size_t size = 0; size < COUNT(steps); size++)
			for (uint64_t need = 1; need <= RING_SIZE; need += 91) {
				uint64_t sent = 0, step = steps[size];

				ring_open(&ring, RING_SIZE, starts[base]);
				assert_false(consumer_has_data(&ring.in, need, false));
				for (; sent + step <= RING_SIZE; sent += step)
					assert_int_equal(ring_send(&ring, step),
							 sent < need && sent + step >= need);
				assert_int_equal(consumer_has_data(&ring.in, need, false),
						 sent >= need);
				ring_close(&ring);
			}
}

static void space_wakes_at_the_byte_asked_for(void **state)
{
	struct ring ring;

	(void)state;
	for (size_t base = 0; base < COUNT(starts); base++)
		for (size_t size = 0; size < COUNT(steps); size++)
			for (uint64_t wake = 1; wake <= RING_SIZE; wake += 91) {
				uint64_t taken = 0, step = steps[size];

				ring_open(&ring, RING_SIZE, starts[base]);
				ring_send(&ring, RING_SIZE);
				assert_false(producer_has_space(&ring.out, 1, wake));
				for (; taken + step <= RING_SIZE; taken += step)
					assert_int_equal(ring_take(&ring, step),
							 taken < wake && taken + step >= wake);
				assert_true(producer_has_space(&ring.out, 1, wake));
				ring_close(&ring);
			}
}

/* A mark stays where it is: neither the same nor later rounds through the ring meet it again. */
static void no_wake_without_asking_again(void **state)
{
	struct ring ring;

	(void)state;
	ring_open(&ring, RING_SIZE, 0);
	assert_false(consumer_has_data(&ring.in, 10, false));
	assert_true(ring_send(&ring, 10));
	for (unsigned round = 0; round < 100; round++) {
		assert_false(ring_take(&ring, 10));
		assert_false(ring_send(&ring, 10));
	}
	ring_take(&ring, 10);
	assert_false(consumer_has_data(&ring.in, 10, false));
	assert_true(ring_send(&ring, 10));
	ring_close(&ring);
}

static void nobody_is_woken_who_never_slept(void **state)
{
	struct ring ring;

	(void)state;
	ring_open(&ring, RING_SIZE, 0);
	for (unsigned round = 0; round < 10; round++) {
		assert_false(ring_send(&ring, RING_SIZE));
		assert_false(ring_take(&ring, RING_SIZE));
	}
	assert_true(producer_has_space(&ring.out, RING_SIZE, RING_SIZE));
	ring_send(&ring, 1);
	assert_true(consumer_has_data(&ring.in, 1, false));
	assert_false(ring_take(&ring, 1));
	assert_false(ring_send(&ring, 1));
	ring_close(&ring);
}

/* Others wait for less than this one: any byte wakes. */
static void eager_wakes_for_whatever_comes(void **state)
{
	struct ring ring;

	(void)state;
	ring_open(&ring, RING_SIZE, UINT64_MAX - 1);
	for (unsigned round = 1; round < 100; round++) {
		assert_false(consumer_has_data(&ring.in, 100, true));
		assert_true(ring_send(&ring, 1));
	}
	assert_false(consumer_has_data(&ring.in, 100, true));
	assert_true(ring_send(&ring, 1));
	assert_true(consumer_has_data(&ring.in, 100, true));
	ring_close(&ring);
}

/* Bytes that are written but not published take up space, too. */
static void need_counts_what_is_free_now(void **state)
{
	uint8_t buffer[RING_SIZE] = { 0 };
	struct ring ring;

	(void)state;
	ring_open(&ring, RING_SIZE, 9);
	ring_send(&ring, 1000);
	assert_int_equal(producer_copy(&ring.out, buffer, 96), 96);
	assert_true(producer_has_space(&ring.out, 3000, 3000));
	assert_false(producer_has_space(&ring.out, 3001, 3001));
	assert_false(ring.shared.space_wanted.mark == 9);
	assert_true(ring_take(&ring, 1));
	assert_true(producer_has_space(&ring.out, 3001, 3001));
	ring_close(&ring);
}

static void nothing_new_wakes_nobody(void **state)
{
	struct ring ring;

	(void)state;
	ring_open(&ring, RING_SIZE, 0);
	assert_false(consumer_has_data(&ring.in, 1, false));
	assert_false(producer_publish(&ring.out));
	assert_false(consumer_release(&ring.in, 0));
	assert_true(ring_send(&ring, 1));
	ring_close(&ring);
}

RUN(TEST(data_wakes_at_the_byte_needed), TEST(space_wakes_at_the_byte_asked_for),
    TEST(no_wake_without_asking_again), TEST(nobody_is_woken_who_never_slept),
    TEST(eager_wakes_for_whatever_comes), TEST(need_counts_what_is_free_now),
    TEST(nothing_new_wakes_nobody))
