/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The moment on which sleeping and waking rest, again and again: one end goes on while the other is
 * about to sleep. At least one must see the other. (Take a fence away, and some rounds in a
 * thousand miss.)
 */
#include "ring.h"

#include <pthread.h>
#include <sched.h>

#include "../unit.h"

#define ROUNDS 250000u

struct race {
	struct ring ring;
	bool (*goes_on)(struct ring *ring); /* was the other end to be woken? */
	bool (*stays)(struct ring *ring);   /* need it not sleep? */
	unsigned started, finished;         /* rounds, by this thread and by the other; atomic */
	bool woken;
};

/* The other thread learns of the start a little later: by how much is tried out. */
static void dawdle(unsigned steps)
{
	for (volatile unsigned step = 0; step < steps; step++)
		continue;
}

static void await(const unsigned *counter, unsigned value)
{
	for (unsigned looks = 1; __atomic_load_n(counter, __ATOMIC_ACQUIRE) != value; looks++)
		if (looks % 1024 == 0)
			sched_yield();
}

static void *go_on(void *argument)
{
	struct race *race = argument;

	for (unsigned round = 1; round <= ROUNDS; round++) {
		await(&race->started, round);
		race->woken = race->goes_on(&race->ring);
		__atomic_store_n(&race->finished, round, __ATOMIC_RELEASE);
	}
	return NULL;
}

/* In how many rounds the one would have slept and the other not have woken it. */
static unsigned run(struct race *race, void (*after)(struct ring *ring))
{
	unsigned lost = 0;
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, go_on, race), 0);
	for (unsigned round = 1; round <= ROUNDS; round++) {
		bool stays;

		__atomic_store_n(&race->started, round, __ATOMIC_RELEASE);
		dawdle(round % 128);
		stays = race->stays(&race->ring);
		await(&race->finished, round);
		lost += !stays && !race->woken;
		after(&race->ring);
	}
	pthread_join(thread, NULL);
	return lost;
}

static bool publish(struct ring *ring)
{
	producer_copy(&ring->out, "x", 1);
	return producer_publish(&ring->out);
}

static bool look_for_data(struct ring *ring)
{
	return consumer_has_data(&ring->in, 1, false);
}

static void take_it(struct ring *ring)
{
	assert_int_equal(consumer_refresh(&ring->in), 0);
	consumer_release(&ring->in, 1);
	assert_int_equal(producer_refresh(&ring->out), 0);
}

static void publishing_against_a_reader_that_goes_to_sleep(void **state)
{
	struct race race = { .goes_on = publish, .stays = look_for_data };

	(void)state;
	ring_open(&race.ring, RING_SIZE, 0);
	assert_int_equal(run(&race, take_it), 0);
	ring_close(&race.ring);
}

static bool release(struct ring *ring)
{
	return consumer_release(&ring->in, 1);
}

static bool look_for_space(struct ring *ring)
{
	return producer_has_space(&ring->out, 1, 1);
}

static void fill_it_up(struct ring *ring)
{
	assert_int_equal(producer_refresh(&ring->out), 0);
	publish(ring);
	assert_int_equal(consumer_refresh(&ring->in), 0);
}

static void releasing_against_a_writer_that_goes_to_sleep(void **state)
{
	struct race race = { .goes_on = release, .stays = look_for_space };

	(void)state;
	ring_open(&race.ring, RING_SIZE, 0);
	ring_send(&race.ring, RING_SIZE);
	assert_int_equal(consumer_refresh(&race.ring.in), 0);
	assert_int_equal(run(&race, fill_it_up), 0);
	ring_close(&race.ring);
}

RUN(TEST(publishing_against_a_reader_that_goes_to_sleep),
    TEST(releasing_against_a_writer_that_goes_to_sleep))
