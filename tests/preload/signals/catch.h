/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Handlers that note what they saw. */
#ifndef XSOCK_TESTS_PRELOAD_SIGNALS_CATCH_H
#define XSOCK_TESTS_PRELOAD_SIGNALS_CATCH_H

#include <signal.h>
#include <stdbool.h>
#include <string.h>

static volatile sig_atomic_t calls;
static volatile siginfo_t seen;

static inline void note(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	calls++;
	seen = *info;
}

static inline void install(int number, void (*handler)(int, siginfo_t *, void *), int flags)
{
	struct sigaction action = { .sa_sigaction = handler, .sa_flags = flags | SA_SIGINFO };

	assert_int_equal(sigaction(number, &action, NULL), 0);
	calls = 0;
	seen = (siginfo_t){ 0 };
}

static inline void set_blocked(int number, bool blocked)
{
	sigset_t one;

	sigemptyset(&one);
	sigaddset(&one, number);
	assert_int_equal(pthread_sigmask(blocked ? SIG_BLOCK : SIG_UNBLOCK, &one, NULL), 0);
}

static inline bool is_blocked(int number)
{
	sigset_t mask;

	assert_int_equal(pthread_sigmask(SIG_BLOCK, NULL, &mask), 0);
	return sigismember(&mask, number) == 1;
}

#endif
