/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "preload/signals.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "preload/handlers.h"
#include "preload/real.h"

/* Handlers read it: no call into the dynamic linker, which may allocate. */
#define OF_THREAD static __thread __attribute__((tls_model("initial-exec")))

/* The signals in `deferred` are blocked and pending, and there are any only while the thread holds
 * or is in signals_release: then no handler runs, so none can leave by longjmp before they are let
 * in. */
struct keeping {
	volatile unsigned depth;
	volatile bool deferring;
	sigset_t deferred;
};

OF_THREAD struct keeping keeping;
OF_THREAD volatile bool interrupted;

void signals_hold(void)
{
	keeping.depth = keeping.depth + 1;
	atomic_signal_fence(memory_order_seq_cst);
}

static void let_in(void)
{
	sigset_t all, mask;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &mask);
	atomic_signal_fence(memory_order_seq_cst);
	for (int number = 1; number < NSIG; number++)
		if (sigismember(&keeping.deferred, number) == 1)
			sigdelset(&mask, number);
	sigemptyset(&keeping.deferred);
	keeping.deferring = false;
	atomic_signal_fence(memory_order_seq_cst);
	/* They run here, and may never come back. */
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
}

void signals_release(void)
{
	atomic_signal_fence(memory_order_seq_cst);
	keeping.depth = keeping.depth - 1;
	if (keeping.depth == 0 && keeping.deferring)
		let_in();
}

bool signals_are_deferred(void)
{
	return keeping.deferring;
}

void signals_wait_begins(void)
{
	interrupted = false;
}

bool signals_interrupted(void)
{
	return interrupted;
}

void signals_forked(void)
{
	handlers_forked();
}

/* What an instruction (or a filter of system calls) raised cannot be put off: the instruction would
 * do it again. */
static bool is_fault(int number, const siginfo_t *info)
{
	switch (number) {
	case SIGSEGV:
	case SIGBUS:
	case SIGFPE:
	case SIGILL:
	case SIGTRAP:
	case SIGSYS:
		return info->si_code > 0;
	default:
		return false;
	}
}

/* To this thread, which may say any siginfo to itself. */
static void send_again(int number, siginfo_t *info)
{
	siginfo_t bare = { .si_signo = number, .si_code = SI_USER };
	int error = errno;

	/* Over RLIMIT_SIGPENDING the kernel still takes it as it takes kill()'s, without the
	 * details. */
	if (real.syscall(SYS_rt_tgsigqueueinfo, getpid(), gettid(), number, info) != 0)
		real.syscall(SYS_rt_tgsigqueueinfo, getpid(), gettid(), number, &bare);
	errno = error;
}

/* Of several of one number that were sent to this thread, and not to the process, the first becomes
 * the last. */
static void defer(int number, siginfo_t *info, ucontext_t *context)
{
	sigset_t all;

	/* With SA_NODEFER it would come again at once; others would find `deferred` half changed.
	 */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, NULL);
	sigaddset(&context->uc_sigmask, number);
	sigaddset(&keeping.deferred, number);
	keeping.deferring = true;
	send_again(number, info);
}

/* As the kernel has it: whether a wait goes on is up to the handler that interrupted it, not to
 * those that interrupt the handler, and not to waits within it. */
static void run(const struct handler *handler, int number, siginfo_t *info, void *context)
{
	bool before = interrupted;

	handler_call(handler, number, info, context);
	interrupted = before || (handler->flags & SA_RESTART) == 0;
}

/* A fault: the handler may leave by longjmp, which must not leave the thread holding for ever. */
static void run_in_hold(const struct handler *handler, int number, siginfo_t *info, void *context)
{
	struct keeping outer = keeping;

	keeping = (struct keeping){ 0 };
	run(handler, number, info, context);
	keeping = outer;
}

void signals_enter(int number, siginfo_t *info, void *context)
{
	struct handler handler;
	bool held = keeping.depth > 0 || keeping.deferring;

	if (held && !is_fault(number, info))
		defer(number, info, context);
	else if (!handlers_take(number, &handler))
		send_again(number, info);
	else if (held)
		run_in_hold(&handler, number, info, context);
	else
		run(&handler, number, info, context);
}
