/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A handler may leave by longjmp: nothing stays held, blocked or marked. */
#include "preload/signals.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>

#include "../../unit/unit.h"
#include "catch.h"

static sigjmp_buf back;

static void jump(int number, siginfo_t *info, void *context)
{
	note(number, info, context);
	siglongjmp(back, 1);
}

static void is_as_new(void)
{
	assert_false(is_blocked(SIGUSR1));
	assert_false(is_blocked(SIGUSR2));
	install(SIGUSR2, note, 0);
	raise(SIGUSR2);
	assert_int_equal(calls, 1);
	signals_hold();
	raise(SIGUSR2);
	assert_int_equal(calls, 1);
	signals_release();
	assert_int_equal(calls, 2);
}

/* The signal is pending, and reaches the thread in the middle of its wait. */
static void wait_for_it(int number)
{
	struct timespec patience = { .tv_sec = PATIENCE / 1000 };
	sigset_t none;

	sigemptyset(&none);
	set_blocked(number, true);
	raise(number);
	signals_wait_begins();
	ppoll(NULL, 0, &patience, &none);
}

static void out_of_a_wait(void **state)
{
	(void)state;
	install(SIGUSR1, jump, 0);
	if (sigsetjmp(back, 1) == 0) {
		wait_for_it(SIGUSR1);
		fail();
	}
	assert_int_equal(calls, 1);
	is_as_new();
}

static void out_of_a_release(void **state)
{
	(void)state;
	install(SIGUSR1, jump, 0);
	if (sigsetjmp(back, 1) == 0) {
		signals_hold();
		raise(SIGUSR1);
		assert_int_equal(calls, 0);
		signals_release();
		fail();
	}
	assert_int_equal(calls, 1);
	is_as_new();
}

/* Without the mask, as iperf3 does. */
static void without_the_mask(void **state)
{
	(void)state;
	install(SIGUSR1, jump, SA_NODEFER);
	for (int round = 0; round < 3; round++) {
		if (sigsetjmp(back, 0) == 0) {
			signals_hold();
			raise(SIGUSR1);
			signals_release();
			fail();
		}
		assert_int_equal(calls, round + 1);
	}
	is_as_new();
}

/* Of a wait within a handler: only the inner one is left. */
static void hold_and_be_left(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)info;
	(void)context;
	if (sigsetjmp(back, 1) == 0) {
		signals_hold();
		raise(SIGUSR2);
		signals_release();
		fail();
	}
}

static void within_a_handler(void **state)
{
	(void)state;
	install(SIGUSR1, hold_and_be_left, 0);
	install(SIGUSR2, jump, 0);
	signals_hold();
	raise(SIGUSR1);
	assert_int_equal(calls, 0);
	signals_release();
	assert_int_equal(calls, 1);
	is_as_new();
}

RUN(TEST(out_of_a_wait), TEST(out_of_a_release), TEST(without_the_mask), TEST(within_a_handler))
