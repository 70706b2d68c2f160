/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A handler is replaced by one of another kind while other threads run it: they never call a mix of
 * both. */
#include "preload/signals.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "../../unit/unit.h"
#include "catch.h"

#define THREADS 3
#define ENOUGH 3000

static atomic_bool over;
static atomic_uint plain_calls, detailed_calls, wrong;
static __thread volatile sig_atomic_t last;

static void plain(int number)
{
	if (number != SIGUSR1)
		atomic_fetch_add(&wrong, 1);
	last = 1;
	atomic_fetch_add(&plain_calls, 1);
}

static void detailed(int number, siginfo_t *info, void *context)
{
	if (number != SIGUSR1 || info->si_signo != SIGUSR1 || info->si_pid != getpid() ||
	    context == NULL)
		atomic_fetch_add(&wrong, 1);
	last = 2;
	atomic_fetch_add(&detailed_calls, 1);
}

/* Only the plain one restarts, so that what is said of the wait tells whose flags were read. */
static void *raise_again_and_again(void *argument)
{
	(void)argument;
	while (!atomic_load(&over)) {
		last = 0;
		signals_wait_begins();
		raise(SIGUSR1);
		if (last == 0 || signals_interrupted() != (last == 2))
			atomic_fetch_add(&wrong, 1);
	}
	return NULL;
}

/* Of those that a program sets. */
static int flags_of(const struct sigaction *action)
{
	return action->sa_flags & (SA_RESTART | SA_SIGINFO);
}

static void never_a_mix(void **state)
{
	struct sigaction one = { .sa_handler = plain, .sa_flags = SA_RESTART };
	struct sigaction two = { .sa_sigaction = detailed, .sa_flags = SA_SIGINFO };
	struct sigaction old;
	pthread_t threads[THREADS];

	(void)state;
	assert_int_equal(sigaction(SIGUSR1, &one, NULL), 0);
	for (int at = 0; at < THREADS; at++)
		assert_int_equal(pthread_create(&threads[at], NULL, raise_again_and_again, NULL),
				 0);
	while (atomic_load(&plain_calls) < ENOUGH || atomic_load(&detailed_calls) < ENOUGH) {
		assert_int_equal(sigaction(SIGUSR1, &two, &old), 0);
		assert_true(old.sa_handler == plain && flags_of(&old) == one.sa_flags);
		assert_int_equal(sigaction(SIGUSR1, &one, &old), 0);
		assert_true(old.sa_sigaction == detailed && flags_of(&old) == two.sa_flags);
	}
	atomic_store(&over, true);
	for (int at = 0; at < THREADS; at++)
		assert_int_equal(pthread_join(threads[at], NULL), 0);
	assert_int_equal(atomic_load(&wrong), 0);
}

RUN(TEST(never_a_mix))
