/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When a thread asks before it sleeps, and when it leaves that alone. */
#include "base/spin.h"

#include <pthread.h>

#include "../unit.h"

#define OFTEN 100000

static bool is_set(const void *what)
{
	return __atomic_load_n((const bool *)what, __ATOMIC_ACQUIRE);
}

/* Failures until it no longer asks. */
static void exhaust(struct spin *spin)
{
	bool set = false;

	for (int at = 0; at < 20; at++)
		assert_false(spin_for(spin, is_set, &set));
}

/* Waits that sleep at once, though they would find what they want, until one asks. */
static unsigned skipped(struct spin *spin)
{
	bool set = true;

	for (unsigned count = 0; count < OFTEN; count++)
		if (spin_for(spin, is_set, &set))
			return count;
	return OFTEN;
}

static void what_is_there_is_found(void **state)
{
	bool set = true, unset = false;
	struct spin spin = SPIN_INITIALIZER;

	(void)state;
	assert_true(spin_for(&spin, is_set, &set));
	assert_false(spin_for(&spin, is_set, &unset));
	assert_true(spin_for(&spin, is_set, &set));
}

static void *set_it(void *set)
{
	__atomic_store_n((bool *)set, true, __ATOMIC_RELEASE);
	return NULL;
}

static void what_comes_is_seen(void **state)
{
	bool set = false;
	pthread_t thread;
	struct spin spin = SPIN_INITIALIZER;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, set_it, &set), 0);
	while (!spin_for(&spin, is_set, &set))
		continue;
	assert_int_equal(pthread_join(thread, NULL), 0);
}

static void who_asks_in_vain_stops(void **state)
{
	struct spin spin = SPIN_INITIALIZER;

	(void)state;
	exhaust(&spin);
	assert_in_range(skipped(&spin), 1, OFTEN - 1);
}

static void the_longer_in_vain_the_rarer(void **state)
{
	struct spin once = SPIN_INITIALIZER, often = SPIN_INITIALIZER;

	(void)state;
	exhaust(&once);
	for (int at = 0; at < 50; at++)
		exhaust(&often);
	assert_true(skipped(&often) > skipped(&once));
}

static void a_success_starts_it_again(void **state)
{
	struct spin spin = SPIN_INITIALIZER;

	(void)state;
	for (int at = 0; at < 50; at++)
		exhaust(&spin);
	assert_true(skipped(&spin) < OFTEN);
	assert_int_equal(skipped(&spin), 0);
}

/* What one that is due may ask for. */
static int64_t moment_after(int64_t sleep, int64_t wake_up)
{
	struct spin spin = SPIN_INITIALIZER;

	for (int at = 0; at < 500; at++) {
		spin_note_wake_up(wake_up);
		spin_note_sleep(&spin, sleep);
	}
	return spin_moment(&spin);
}

static void asks_as_long_as_sleeps_are(void **state)
{
	int64_t least = moment_after(0, 0), some = moment_after(200000, 100000);

	(void)state;
	assert_true(least > 0);
	assert_true(some > 200000 && some <= 400000);
	assert_true(moment_after(20000, 100000) == least);
	/* A wake-up that costs little is no reason to ask for long, however long the sleeps are. */
	assert_true(moment_after(1000000000, 1000) == least);
	assert_true(moment_after(INT64_MAX, INT32_MAX) <= 2000000);
}

RUN(TEST(asks_as_long_as_sleeps_are), TEST(what_is_there_is_found), TEST(what_comes_is_seen),
    TEST(who_asks_in_vain_stops), TEST(the_longer_in_vain_the_rarer),
    TEST(a_success_starts_it_again))
