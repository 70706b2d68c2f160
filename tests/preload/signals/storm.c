/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Signals at any moment against holds in a loop: no handler ever sees what a hold protects half
 * changed. */
#include "preload/signals.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/time.h>

#include "../../unit/unit.h"
#include "catch.h"

#define ENOUGH 1000
#define PERIOD 100 /* us */

/* What a lock would protect: equal outside of holds. */
static volatile unsigned long first, second;
static volatile bool held, releasing;
static volatile unsigned long at_release, elsewhere, wrong;
static sigjmp_buf back;
static volatile bool jumping;

static void change_both(void)
{
	if (held || first != second)
		wrong++;
	held = true;
	first = first + 1;
	second = second + 1;
	held = false;
}

/* A handler that uses the same socket. */
static void use(int number, siginfo_t *info, void *context)
{
	note(number, info, context);
	if (releasing)
		at_release++;
	else
		elsewhere++;
	signals_hold();
	change_both();
	signals_release();
	if (jumping && calls % 3 == 0)
		siglongjmp(back, 1);
}

static void set_timer(int which, long period)
{
	struct itimerval timer = { .it_interval = { .tv_usec = period },
				   .it_value = { .tv_usec = period } };

	assert_int_equal(setitimer(which, &timer, NULL), 0);
}

static void one_round(void)
{
	signals_hold();
	for (int times = 0; times < 20; times++)
		change_both();
	releasing = true;
	signals_release();
	releasing = false;
	for (volatile int times = 0; times < 20; times++)
		;
}

/* Until enough signals came at each place; the test's time-out is the end of a library that loses
 * them. */
static void storm(void)
{
	first = second = at_release = elsewhere = wrong = 0;
	install(SIGALRM, use, 0);
	install(SIGPROF, use, SA_NODEFER);
	set_timer(ITIMER_REAL, PERIOD);
	set_timer(ITIMER_PROF, PERIOD * 10);
	sigsetjmp(back, 1);
	held = releasing = false;
	while (at_release < ENOUGH || elsewhere < ENOUGH / 10)
		one_round();
	jumping = false;
	set_timer(ITIMER_REAL, 0);
	set_timer(ITIMER_PROF, 0);
	signals_hold();
	signals_release();
	assert_int_equal(wrong, 0);
	assert_int_equal(first, second);
	assert_int_equal(calls, at_release + elsewhere);
	assert_false(is_blocked(SIGALRM));
	assert_false(is_blocked(SIGPROF));
	raise(SIGALRM);
	assert_int_equal(calls, at_release + elsewhere);
}

static void with_handlers_that_return(void **state)
{
	(void)state;
	storm();
}

static void with_handlers_that_jump(void **state)
{
	(void)state;
	jumping = true;
	storm();
}

/* Every signal that a thread got it handles: none is lost, none comes twice. */
#define THREADS 3
#define EACH 5000

static atomic_uint handled;

static void count(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)info;
	(void)context;
	atomic_fetch_add(&handled, 1);
}

static void *hold_and_release(void *over)
{
	while (!atomic_load((atomic_bool *)over)) {
		signals_hold();
		atomic_signal_fence(memory_order_seq_cst);
		signals_release();
	}
	return NULL;
}

static void none_is_lost(void **state)
{
	atomic_bool over = false;
	pthread_t threads[THREADS];

	(void)state;
	install(SIGRTMIN, count, 0);
	for (int at = 0; at < THREADS; at++)
		assert_int_equal(pthread_create(&threads[at], NULL, hold_and_release, &over), 0);
	for (unsigned sent = 0; sent < EACH; sent++) {
		union sigval value = { .sival_int = (int)sent };

		assert_int_equal(pthread_sigqueue(threads[sent % THREADS], SIGRTMIN, value), 0);
		while (sent % 100 == 99 && atomic_load(&handled) <= sent)
			;
	}
	while (atomic_load(&handled) < EACH)
		;
	atomic_store(&over, true);
	for (int at = 0; at < THREADS; at++)
		assert_int_equal(pthread_join(threads[at], NULL), 0);
	assert_int_equal(atomic_load(&handled), EACH);
}

RUN(TEST(with_handlers_that_return), TEST(with_handlers_that_jump), TEST(none_is_lost))
