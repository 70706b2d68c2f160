/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Two threads, a ring that is changed for another all the time. The reader must not find a byte in
 * the wrong ring, whenever the turn comes between its looks; the old ring is overwritten as soon as
 * it said that it left.
 */
#include "ring.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "../unit.h"

#define TOTAL ((uint64_t)64 << 20)
#define PIECE 700

static const uint64_t sizes[] = { 256, 4096, 1024, 16384, 512, 65536 };

/* What the two tell each other beside the ring: the writer's next ring, and up to which turn the
 * reader expects one, or has left the one before. */
static struct {
	uint8_t *next;
	uint64_t size;
	uint32_t offered, expected, left;
} desk;

static struct control_direction shared;
static struct producer out;
static uint8_t *data;
static uint32_t turns;

static void offer(uint8_t **spare)
{
	desk.size = sizes[(turns + 1) % COUNT(sizes)];
	*spare = malloc(desk.size);
	memset(*spare, 0xa5, desk.size);
	desk.next = *spare;
	__atomic_store_n(&desk.offered, turns + 1, __ATOMIC_RELEASE);
}

/* One step towards the next ring, whichever is due. */
static void change(uint8_t **spare, uint8_t **old)
{
	if (*old != NULL) {
		if (__atomic_load_n(&desk.left, __ATOMIC_ACQUIRE) != turns)
			return;
		memset(*old, 0x5a, 256);
		free(*old);
		*old = NULL;
	}
	if (*spare == NULL) {
		offer(spare);
	} else if (__atomic_load_n(&desk.expected, __ATOMIC_ACQUIRE) == turns + 1 &&
		   producer_fits(&out, desk.size)) {
		*old = out.data;
		producer_turn(&out, *spare, desk.size, ++turns);
		*spare = NULL;
	}
}

static void *write_all(void *failed)
{
	uint8_t piece[PIECE], *spare = NULL, *old = NULL;
	uint64_t count = 0;

	while (out.written < TOTAL) {
		size_t length = 1 + count++ * 37 % PIECE;

		if (length > TOTAL - out.written)
			length = TOTAL - out.written;
		ring_fill(piece, out.written, length);
		if (producer_refresh(&out) != 0)
			*(bool *)failed = true;
		if (producer_copy(&out, piece, length) == 0)
			sched_yield();
		producer_publish(&out);
		change(&spare, &old);
	}
	free(spare);
	free(old);
	return NULL;
}

static void expect_next(struct consumer *in)
{
	uint32_t offered = __atomic_load_n(&desk.offered, __ATOMIC_ACQUIRE);

	__atomic_store_n(&desk.left, in->turn.generation, __ATOMIC_RELEASE);
	if (offered != in->turn.generation + 1 || in->turn.data != NULL)
		return;
	consumer_expect(in, desk.next, desk.size, offered);
	__atomic_store_n(&desk.expected, offered, __ATOMIC_RELEASE);
}

static bool read_all(struct consumer *in)
{
	uint8_t piece[PIECE];
	uint64_t count = 0;

	while (in->consumed < TOTAL) {
		size_t length;

		expect_next(in);
		if (consumer_refresh(in) != 0)
			return false;
		length = consumer_copy(in, 0, piece, 1 + count++ * 53 % PIECE);
		if (ring_differs(piece, in->consumed, length) != length)
			return false;
		consumer_release(in, length);
		if (length == 0)
			sched_yield();
	}
	return true;
}

static void the_reader_is_always_in_the_right_ring(void **state)
{
	struct consumer in;
	bool failed = false;
	pthread_t writer;

	(void)state;
	data = malloc(4096);
	producer_init(&out, &shared, data, 4096);
	consumer_init(&in, &shared, data, 4096);
	assert_int_equal(pthread_create(&writer, NULL, write_all, &failed), 0);
	assert_true(read_all(&in));
	assert_int_equal(pthread_join(writer, NULL), 0);
	assert_false(failed);
	assert_true(turns > 20);
	free(out.data);
}

RUN(TEST(the_reader_is_always_in_the_right_ring))
