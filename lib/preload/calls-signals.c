/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * All ways to install a handler. The C library's own go past sigaction, to the system call, so each
 * is here, with what signal.h's manual pages say of it. sigignore, sighold, sigrelse and sigpause
 * install none.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "preload/handlers.h"
#include "preload/public.h"

/* Not in every header, depending on the standard asked for. */
int __sigaction(int number, const struct sigaction *action, struct sigaction *old);
sighandler_t bsd_signal(int number, sighandler_t handler);
sighandler_t sysv_signal(int number, sighandler_t handler);

/* A bit a signal: siginterrupt() was called for it. */
static atomic_uint_least64_t interrupting;

static uint64_t bit(int number)
{
	return (uint64_t)1 << (number - 1);
}

PUBLIC int sigaction(int number, const struct sigaction *action, struct sigaction *old)
{
	return handlers_action(number, action, old);
}

PUBLIC int __sigaction(int number, const struct sigaction *action, struct sigaction *old)
{
	return handlers_action(number, action, old);
}

static bool is_usable(int number, sighandler_t handler)
{
	if (number >= 1 && number < NSIG && handler != SIG_ERR)
		return true;
	errno = EINVAL;
	return false;
}

static sighandler_t exchange(int number, const struct sigaction *action)
{
	struct sigaction old;

	return handlers_action(number, action, &old) == 0 ? old.sa_handler : SIG_ERR;
}

PUBLIC sighandler_t signal(int number, sighandler_t handler)
{
	struct sigaction action = { .sa_handler = handler };

	if (!is_usable(number, handler))
		return SIG_ERR;
	sigaddset(&action.sa_mask, number);
	if ((atomic_load(&interrupting) & bit(number)) == 0)
		action.sa_flags = SA_RESTART;
	return exchange(number, &action);
}

PUBLIC sighandler_t bsd_signal(int number, sighandler_t handler)
{
	return signal(number, handler);
}

PUBLIC sighandler_t ssignal(int number, sighandler_t handler)
{
	return signal(number, handler);
}

PUBLIC sighandler_t sysv_signal(int number, sighandler_t handler)
{
	struct sigaction action = { .sa_handler = handler,
				    .sa_flags = (int)SA_RESETHAND | SA_NODEFER | SA_INTERRUPT };

	return is_usable(number, handler) ? exchange(number, &action) : SIG_ERR;
}

PUBLIC sighandler_t __sysv_signal(int number, sighandler_t handler)
{
	return sysv_signal(number, handler);
}

PUBLIC int siginterrupt(int number, int interrupt)
{
	struct sigaction action;

	if (handlers_action(number, NULL, &action) != 0)
		return -1;
	if (interrupt) {
		atomic_fetch_or(&interrupting, bit(number));
		action.sa_flags &= ~SA_RESTART;
	} else {
		atomic_fetch_and(&interrupting, ~bit(number));
		action.sa_flags |= SA_RESTART;
	}
	return handlers_action(number, &action, NULL);
}

PUBLIC sighandler_t sigset(int number, sighandler_t handler)
{
	struct sigaction action = { .sa_handler = handler };
	bool hold = handler == SIG_HOLD;
	sighandler_t old;
	sigset_t one, mask;

	if (!is_usable(number, handler))
		return SIG_ERR;
	old = exchange(number, hold ? NULL : &action);
	if (old == SIG_ERR)
		return SIG_ERR;
	sigemptyset(&one);
	sigaddset(&one, number);
	pthread_sigmask(hold ? SIG_BLOCK : SIG_UNBLOCK, &one, &mask);
	return sigismember(&mask, number) == 1 ? SIG_HOLD : old;
}
