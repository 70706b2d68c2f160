/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When a thread asks before it sleeps, and when it leaves that alone. */
#include "conn/spin.h"

#include <pthread.h>

#include "../unit.h"

#define OFTEN 100000

/* Failures until it no longer asks. */
static void exhaust(struct spin *spin)
{
	uint64_t index = 0;

	for (int at = 0; at < 20; at++)
		assert_false(spin_for(spin, &index, 1));
}

/* Waits that sleep at once, though they would find what they want, until one asks. */
static unsigned skipped(struct spin *spin)
{
	uint64_t index = 1;

	for (unsigned count = 0; count < OFTEN; count++)
		if (spin_for(spin, &index, 1))
			return count;
	return OFTEN;
}

static void what_is_there_is_found(void **state)
{
	uint64_t index = 10;
	struct spin spin;

	(void)state;
	spin_init(&spin);
	assert_true(spin_for(&spin, &index, 10));
	assert_true(spin_for(&spin, &index, 9));
	assert_false(spin_for(&spin, &index, 11));
	/* An index that ran over. */
	index = 3;
	assert_true(spin_for(&spin, &index, UINT64_MAX - 5));
}

static void *reach(void *index)
{
	__atomic_store_n((uint64_t *)index, 1, __ATOMIC_RELEASE);
	return NULL;
}

static void what_comes_is_seen(void **state)
{
	uint64_t index = 0;
	pthread_t thread;
	struct spin spin;

	(void)state;
	spin_init(&spin);
	assert_int_equal(pthread_create(&thread, NULL, reach, &index), 0);
	while (!spin_for(&spin, &index, 1))
		continue;
	assert_int_equal(pthread_join(thread, NULL), 0);
}

static void who_asks_in_vain_stops(void **state)
{
	struct spin spin;

	(void)state;
	spin_init(&spin);
	exhaust(&spin);
	assert_in_range(skipped(&spin), 1, OFTEN - 1);
}

static void the_longer_in_vain_the_rarer(void **state)
{
	struct spin once, often;

	(void)state;
	spin_init(&once);
	spin_init(&often);
	exhaust(&once);
	for (int at = 0; at < 50; at++)
		exhaust(&often);
	assert_true(skipped(&often) > skipped(&once));
}

static void a_success_starts_it_again(void **state)
{
	struct spin spin;

	(void)state;
	spin_init(&spin);
	for (int at = 0; at < 50; at++)
		exhaust(&spin);
	assert_true(skipped(&spin) < OFTEN);
	assert_int_equal(skipped(&spin), 0);
}

RUN(TEST(what_is_there_is_found), TEST(what_comes_is_seen), TEST(who_asks_in_vain_stops),
    TEST(the_longer_in_vain_the_rarer), TEST(a_success_starts_it_again))
