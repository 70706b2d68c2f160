/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Two threads over the smallest ring. Each sleeps when, and only when, the ring says that it would
 * be woken; nothing but the other's bell ends a sleep, so a lost wake-up is a time-out.
 */
#include "ring.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "../unit.h"

/* Like an event channel: rings merge, and one that comes before the wait is not lost. */
struct bell {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool rung;
	uint64_t waits;
};

struct run {
	struct ring ring;
	struct bell for_writer, for_reader;
	uint64_t start, total;
	unsigned largest; /* bytes at a time */
	unsigned need;    /* most that the reader waits for */
};

static void bell_init(struct bell *bell)
{
	*bell = (struct bell){ .lock = PTHREAD_MUTEX_INITIALIZER,
			       .changed = PTHREAD_COND_INITIALIZER };
}

static void bell_ring(struct bell *bell)
{
	pthread_mutex_lock(&bell->lock);
	bell->rung = true;
	pthread_cond_signal(&bell->changed);
	pthread_mutex_unlock(&bell->lock);
}

static bool bell_wait(struct bell *bell)
{
	struct timespec until;
	bool rung;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += PATIENCE / 1000;
	pthread_mutex_lock(&bell->lock);
	bell->waits++;
	while (!bell->rung && pthread_cond_timedwait(&bell->changed, &bell->lock, &until) == 0)
		continue;
	rung = bell->rung;
	bell->rung = false;
	pthread_mutex_unlock(&bell->lock);
	return rung;
}

/* NULL, or what went wrong. */
static const char *write_piece(struct run *run, const uint8_t *piece, size_t length, uint64_t wake)
{
	struct producer *out = &run->ring.out;
	size_t done = 0;

	while (done < length) {
		size_t count;

		if (producer_refresh(out) != 0)
			return "the writer did not believe the reader";
		count = producer_copy(out, piece + done, length - done);
		done += count;
		if (producer_publish(out))
			bell_ring(&run->for_reader);
		while (count == 0 && !producer_has_space(out, 1, wake))
			if (!bell_wait(&run->for_writer))
				return "the writer was not woken";
	}
	return NULL;
}

static void *write_all(void *argument)
{
	struct run *run = argument;
	uint64_t index = run->start, end = run->start + run->total;
	uint8_t piece[2 * RING_SIZE];
	const char *wrong = NULL;
	unsigned seed = 1;

	while (index != end && wrong == NULL) {
		size_t length = 1 + (unsigned)rand_r(&seed) % run->largest;
		uint64_t wake = 1 + (unsigned)rand_r(&seed) % (run->ring.size / 2);

		if (length > end - index)
			length = end - index;
		ring_fill(piece, index, length);
		wrong = write_piece(run, piece, length, wake);
		index += length;
	}
	producer_end(&run->ring.out);
	bell_ring(&run->for_reader);
	return (void *)(uintptr_t)wrong;
}

static const char *wait_for_data(struct run *run, uint64_t need, bool eager)
{
	while (!consumer_has_data(&run->ring.in, need, eager)) {
		if (need > 1 && consumer_starves(&run->ring.in))
			bell_ring(&run->for_writer);
		if (!bell_wait(&run->for_reader))
			return "the reader was not woken";
	}
	return NULL;
}

static void *read_all(void *argument)
{
	struct run *run = argument;
	struct consumer *in = &run->ring.in;
	uint64_t index = run->start, end = run->start + run->total;
	uint8_t piece[RING_SIZE];
	unsigned seed = 2;

	while (index != end) {
		uint64_t need = 1 + (unsigned)rand_r(&seed) % run->need;
		const char *wrong;
		size_t count;

		if (need > end - index)
			need = end - index;
		wrong = wait_for_data(run, need, rand_r(&seed) % 4 == 0);
		if (wrong != NULL)
			return (void *)(uintptr_t)wrong;
		if (consumer_refresh(in) != 0)
			return (void *)(uintptr_t) "the reader did not believe the writer";
		count = consumer_copy(in, 0, piece, 1 + (unsigned)rand_r(&seed) % run->largest);
		if (ring_differs(piece, index, count) != count)
			return (void *)(uintptr_t) "other bytes came than were sent";
		index += count;
		if (consumer_release(in, count))
			bell_ring(&run->for_writer);
	}
	while (!consumer_finished(in))
		if (!bell_wait(&run->for_reader))
			return (void *)(uintptr_t) "the end was not told";
	return NULL;
}

static void transfer(uint64_t size, struct run *run)
{
	void *wrong_writing, *wrong_reading;
	pthread_t writer, reader;

	ring_open(&run->ring, size, run->start);
	bell_init(&run->for_writer);
	bell_init(&run->for_reader);
	assert_int_equal(pthread_create(&writer, NULL, write_all, run), 0);
	assert_int_equal(pthread_create(&reader, NULL, read_all, run), 0);
	pthread_join(writer, &wrong_writing);
	pthread_join(reader, &wrong_reading);
	if (wrong_writing != NULL || wrong_reading != NULL)
		fail_msg("%s; %s",
			 wrong_writing != NULL ? (char *)wrong_writing : "writing went well",
			 wrong_reading != NULL ? (char *)wrong_reading : "reading went well");
	assert_int_equal(run->ring.in.consumed, run->start + run->total);
	/* Else nothing was tested. */
	assert_true(run->for_writer.waits + run->for_reader.waits > 100);
	ring_close(&run->ring);
}

static void small_pieces(void **state)
{
	struct run run = { .total = 16 << 20, .largest = 64, .need = 64 };

	(void)state;
	transfer(RING_SIZE, &run);
}

static void large_pieces(void **state)
{
	struct run run = {
		.start = 12345, .total = 32 << 20, .largest = 2 * RING_SIZE, .need = RING_SIZE
	};

	(void)state;
	transfer(RING_SIZE, &run);
}

static void past_the_last_index(void **state)
{
	struct run run = { .start = UINT64_MAX - (4 << 20),
			   .total = 8 << 20,
			   .largest = RING_SIZE,
			   .need = RING_SIZE };

	(void)state;
	transfer(RING_SIZE, &run);
}

/* Hardly anything but going to sleep and being woken. */
static void a_tiny_ring(void **state)
{
	struct run run = { .total = 1 << 20, .largest = 8, .need = 1 };

	(void)state;
	transfer(8, &run);
}

RUN(TEST(small_pieces), TEST(large_pieces), TEST(past_the_last_index), TEST(a_tiny_ring))
