/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A wait that a signal ended goes on or fails as the handler's SA_RESTART says. */
#include "preload/signals.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>

#include "../../unit/unit.h"
#include "catch.h"

/* Programs still call siginterrupt(). */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

static void plain(int number)
{
	(void)number;
}

static void nothing(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)info;
	(void)context;
}

/* The signals are pending, and reach the thread in the middle of its wait. */
static bool interrupted_by(int number, int other)
{
	struct timespec patience = { .tv_sec = PATIENCE / 1000 };
	sigset_t none;
	bool interrupted;

	sigemptyset(&none);
	set_blocked(number, true);
	raise(number);
	if (other != 0) {
		set_blocked(other, true);
		raise(other);
	}
	signals_wait_begins();
	assert_int_equal(ppoll(NULL, 0, &patience, &none), -1);
	assert_int_equal(errno, EINTR);
	interrupted = signals_interrupted();
	set_blocked(number, false);
	if (other != 0)
		set_blocked(other, false);
	return interrupted;
}

static void told_apart(void **state)
{
	(void)state;
	install(SIGUSR1, nothing, SA_RESTART);
	install(SIGUSR2, nothing, 0);
	for (int round = 0; round < 3; round++) {
		assert_false(interrupted_by(SIGUSR1, 0));
		assert_true(interrupted_by(SIGUSR2, 0));
	}
	signals_wait_begins();
	assert_false(signals_interrupted());
}

static void as_signal_and_siginterrupt_say(void **state)
{
	(void)state;
	signal(SIGUSR1, plain);
	assert_false(interrupted_by(SIGUSR1, 0));
	siginterrupt(SIGUSR1, 1);
	assert_true(interrupted_by(SIGUSR1, 0));
	signal(SIGUSR1, plain);
	assert_true(interrupted_by(SIGUSR1, 0));
	siginterrupt(SIGUSR1, 0);
	assert_false(interrupted_by(SIGUSR1, 0));
}

static void either_of_two_is_enough(void **state)
{
	(void)state;
	install(SIGUSR1, nothing, SA_RESTART);
	install(SIGUSR2, nothing, 0);
	assert_true(interrupted_by(SIGUSR1, SIGUSR2));
	install(SIGUSR1, nothing, 0);
	install(SIGUSR2, nothing, SA_RESTART);
	assert_true(interrupted_by(SIGUSR1, SIGUSR2));
	install(SIGUSR1, nothing, SA_RESTART);
	assert_false(interrupted_by(SIGUSR1, SIGUSR2));
}

static void raise_other(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)info;
	(void)context;
	raise(SIGUSR2);
}

static void one_within_a_handler_does_not(void **state)
{
	(void)state;
	install(SIGUSR1, raise_other, SA_RESTART);
	install(SIGUSR2, nothing, 0);
	assert_false(interrupted_by(SIGUSR1, 0));
}

static volatile bool inner;

static void wait_too(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)info;
	(void)context;
	inner = interrupted_by(SIGUSR2, 0);
}

static void a_handlers_own_waits_are_its_own(void **state)
{
	(void)state;
	install(SIGUSR1, wait_too, 0);
	install(SIGUSR2, nothing, SA_RESTART);
	assert_true(interrupted_by(SIGUSR1, 0));
	assert_false(inner);
	install(SIGUSR1, wait_too, SA_RESTART);
	install(SIGUSR2, nothing, 0);
	assert_false(interrupted_by(SIGUSR1, 0));
	assert_true(inner);
}

/* It comes between the look at the ring and the sleep. */
static void one_that_was_put_off_counts(void **state)
{
	(void)state;
	install(SIGUSR1, nothing, 0);
	signals_hold();
	signals_wait_begins();
	raise(SIGUSR1);
	assert_false(signals_interrupted());
	signals_release();
	assert_true(signals_interrupted());
}

static void *be_interrupted(void *argument)
{
	(void)argument;
	return (void *)(intptr_t)interrupted_by(SIGUSR2, 0);
}

static void each_thread_for_itself(void **state)
{
	pthread_t thread;
	void *there;

	(void)state;
	install(SIGUSR2, nothing, 0);
	signals_wait_begins();
	assert_int_equal(pthread_create(&thread, NULL, be_interrupted, NULL), 0);
	assert_int_equal(pthread_join(thread, &there), 0);
	assert_true(there != NULL);
	assert_false(signals_interrupted());
}

RUN(TEST(told_apart), TEST(as_signal_and_siginterrupt_say), TEST(either_of_two_is_enough),
    TEST(one_within_a_handler_does_not), TEST(a_handlers_own_waits_are_its_own),
    TEST(one_that_was_put_off_counts), TEST(each_thread_for_itself))
