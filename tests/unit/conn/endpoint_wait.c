/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Many threads wait on one descriptor that whoever drains it silences for all. */
#include "fake.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>

#include "../unit.h"

#define THREADS 8

static const struct want one_byte = { .need = 1, .wake = 1 };

static int open_fake(void **state)
{
	static struct fake fake;

	fake_open(&fake);
	*state = &fake;
	return 0;
}

static int close_fake(void **state)
{
	fake_close(*state);
	return 0;
}

static void ready_does_not_sleep(void **state)
{
	struct fake *fake = *state;

	fake_set_ready(fake, POLLIN);
	assert_int_equal(endpoint_wait(&fake->endpoint, POLLIN, one_byte, deadline_in(-1)), 0);
	assert_int_equal(endpoint_wait(&fake->endpoint, POLLIN, one_byte, deadline_in(0)), 0);
	assert_int_equal(fake->endpoint.waits, 0);
	assert_int_equal(fake->drains, 0);
}

/* An end wakes whoever waits, whatever it waits for. */
static void hang_up_and_error_end_a_wait(void **state)
{
	struct fake *fake = *state;

	fake_set_ready(fake, POLLHUP);
	assert_int_equal(endpoint_wait(&fake->endpoint, POLLIN, one_byte, deadline_in(-1)), 0);
	fake_set_ready(fake, POLLERR);
	assert_int_equal(endpoint_wait(&fake->endpoint, POLLOUT, one_byte, deadline_in(-1)), 0);
}

static void one_event_wakes_all(void **state)
{
	struct fake *fake = *state;
	struct waiter waiters[THREADS];

	for (int at = 0; at < THREADS; at++)
		waiter_start(&waiters[at], fake, POLLIN, PATIENCE);
	fake_await_sleeps(fake, THREADS);
	fake_event(fake, POLLIN);
	for (int at = 0; at < THREADS; at++)
		assert_int_equal(waiter_join(&waiters[at]), 0);
}

static void one_announcement_wakes_all(void **state)
{
	struct fake *fake = *state;
	struct waiter waiters[THREADS];

	for (int at = 0; at < THREADS; at++)
		waiter_start(&waiters[at], fake, POLLIN, -1);
	fake_await_sleeps(fake, THREADS);
	fake_announce(fake, POLLIN);
	for (int at = 0; at < THREADS; at++)
		assert_int_equal(waiter_join(&waiters[at]), 0);
}

/* The thread that watches leaves; one of those that stay must take over. */
static void each_wakes_for_its_own(void **state)
{
	struct fake *fake = *state;
	struct waiter readers[THREADS], writers[THREADS];

	for (int at = 0; at < THREADS; at++) {
		waiter_start(&readers[at], fake, POLLIN, PATIENCE);
		waiter_start(&writers[at], fake, POLLOUT, PATIENCE);
	}
	fake_await_sleeps(fake, 2 * THREADS);
	fake_event(fake, POLLIN);
	for (int at = 0; at < THREADS; at++)
		assert_int_equal(waiter_join(&readers[at]), 0);
	fake_await_sleeps(fake, 3 * THREADS);
	for (int at = 0; at < THREADS; at++)
		assert_false(waiter_done(&writers[at]));
	fake_event(fake, POLLOUT);
	for (int at = 0; at < THREADS; at++)
		assert_int_equal(waiter_join(&writers[at]), 0);
}

static void a_late_watcher_hands_over(void **state)
{
	struct fake *fake = *state;
	struct waiter hasty, patient;

	waiter_start(&hasty, fake, POLLIN, 30);
	fake_await_sleeps(fake, 1);
	waiter_start(&patient, fake, POLLIN, PATIENCE);
	fake_await_sleeps(fake, 2);
	assert_int_equal(waiter_join(&hasty), -ETIMEDOUT);
	fake_event(fake, POLLIN);
	assert_int_equal(waiter_join(&patient), 0);
}

static void a_late_follower_leaves(void **state)
{
	struct fake *fake = *state;
	struct waiter hasty, patient;
	struct deadline earliest;

	waiter_start(&patient, fake, POLLIN, PATIENCE);
	fake_await_sleeps(fake, 1);
	earliest = deadline_in(20);
	waiter_start(&hasty, fake, POLLIN, 20);
	assert_int_equal(waiter_join(&hasty), -ETIMEDOUT);
	assert_true(deadline_passed(earliest));
	assert_false(waiter_done(&patient));
	fake_event(fake, POLLIN);
	assert_int_equal(waiter_join(&patient), 0);
}

static void time_outs(void **state)
{
	struct fake *fake = *state;
	struct deadline earliest = deadline_in(20);

	assert_int_equal(endpoint_wait(&fake->endpoint, POLLIN, one_byte, deadline_in(20)),
			 -ETIMEDOUT);
	assert_true(deadline_passed(earliest));
	/* What is ready, but was not asked for, does not count. */
	fake_set_ready(fake, POLLOUT);
	assert_int_equal(endpoint_wait(&fake->endpoint, POLLIN, one_byte, deadline_in(0)),
			 -ETIMEDOUT);
}

/* Whoever does not wait still gets what was announced before. */
static void no_wait_takes_what_has_happened(void **state)
{
	struct fake *fake = *state;

	fake_announce(fake, POLLIN);
	assert_int_equal(endpoint_wait(&fake->endpoint, POLLIN, one_byte, deadline_in(0)), 0);
	assert_int_equal(fake->endpoint.waits, 0);
}

static void an_alarm_wakes_all(void **state)
{
	struct fake *fake = *state;
	struct waiter waiters[THREADS];

	for (int at = 0; at < THREADS; at++)
		waiter_start(&waiters[at], fake, POLLIN, PATIENCE);
	fake_await_sleeps(fake, THREADS);
	fake_set_ready(fake, POLLHUP);
	endpoint_alarm(&fake->endpoint);
	for (int at = 0; at < THREADS; at++)
		assert_int_equal(waiter_join(&waiters[at]), 0);
}

static void work_that_is_due_wakes_all(void **state)
{
	struct fake *fake = *state;
	struct deadline due = deadline_in(30);
	struct waiter waiters[2];

	fake->due = due;
	fake->at_due = POLLIN;
	for (int at = 0; at < 2; at++)
		waiter_start(&waiters[at], fake, POLLIN, PATIENCE);
	for (int at = 0; at < 2; at++)
		assert_int_equal(waiter_join(&waiters[at]), 0);
	assert_true(deadline_passed(due));
}

static void on_signal(int number)
{
	(void)number;
}

static void expect_interrupted(struct fake *fake, int flags)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = flags };
	uint64_t before = fake_sleeps(fake);
	struct waiter waiter;

	assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
	waiter_start(&waiter, fake, POLLIN, PATIENCE);
	fake_await_sleeps(fake, before + 1);
	/* It may have counted its sleep without being in it yet: until it is, it takes another. */
	while (!waiter_done(&waiter)) {
		pthread_kill(waiter.thread, SIGUSR1);
		sched_yield();
	}
	assert_int_equal(waiter_join(&waiter), -EINTR);
}

static void a_signal_interrupts(void **state)
{
	expect_interrupted(*state, 0);
	expect_interrupted(*state, SA_RESTART);
}

static void a_signal_interrupts_who_follows(void **state)
{
	struct fake *fake = *state;
	struct waiter watcher;

	waiter_start(&watcher, fake, POLLIN, PATIENCE);
	fake_await_sleeps(fake, 1);
	expect_interrupted(fake, 0);
	expect_interrupted(fake, SA_RESTART);
	assert_false(waiter_done(&watcher));
	fake_event(fake, POLLIN);
	assert_int_equal(waiter_join(&watcher), 0);
}

/* Threads come and go, each event is for all who wait at that moment. */
static void many_rounds(void **state)
{
	struct fake *fake = *state;

	for (unsigned round = 0; round < 300; round++) {
		struct waiter waiters[3];
		uint64_t before = fake_sleeps(fake);

		fake_set_ready(fake, 0);
		for (int at = 0; at < 3; at++)
			waiter_start(&waiters[at], fake, POLLIN, PATIENCE);
		if (round % 2 == 0)
			fake_await_sleeps(fake, before + 1 + round % 3);
		fake_event(fake, POLLIN);
		for (int at = 0; at < 3; at++)
			assert_int_equal(waiter_join(&waiters[at]), 0);
	}
}

/* What `ready` says may be a peer's doing, and undone when the caller looks itself. */
static void after_the_limit_one_more_look(void **state)
{
	struct fake *fake = *state;
	struct deadline passed = deadline_in(0), never = deadline_in(-1);

	fake_set_ready(fake, POLLIN);
	assert_int_equal(endpoint_wait_to_look(&fake->endpoint, POLLIN, one_byte, &passed), 0);
	assert_int_equal(endpoint_wait_to_look(&fake->endpoint, POLLIN, one_byte, &passed),
			 -ETIMEDOUT);
	for (int look = 0; look < 10; look++)
		assert_int_equal(endpoint_wait_to_look(&fake->endpoint, POLLIN, one_byte, &never),
				 0);
}

#define WITH_FAKE(name) cmocka_unit_test_setup_teardown(name, open_fake, close_fake)

RUN(WITH_FAKE(ready_does_not_sleep), WITH_FAKE(hang_up_and_error_end_a_wait),
    WITH_FAKE(one_event_wakes_all), WITH_FAKE(one_announcement_wakes_all),
    WITH_FAKE(each_wakes_for_its_own), WITH_FAKE(a_late_watcher_hands_over),
    WITH_FAKE(a_late_follower_leaves), WITH_FAKE(time_outs),
    WITH_FAKE(after_the_limit_one_more_look), WITH_FAKE(no_wait_takes_what_has_happened),
    WITH_FAKE(an_alarm_wakes_all), WITH_FAKE(work_that_is_due_wakes_all),
    WITH_FAKE(a_signal_interrupts), WITH_FAKE(a_signal_interrupts_who_follows),
    WITH_FAKE(many_rounds))
