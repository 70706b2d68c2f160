/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every call answers as the C library's own does: the same script with both, the same answers. */
#include "preload/handlers.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "../../unit/unit.h"

#define STEPS 3000

/* Programs still call them. */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

sighandler_t bsd_signal(int number, sighandler_t handler);
sighandler_t __sysv_signal(int number, sighandler_t handler);

struct calls {
	int (*sigaction)(int, const struct sigaction *, struct sigaction *);
	sighandler_t (*simple[6])(int, sighandler_t);
	int (*siginterrupt)(int, int);
};

struct answer {
	int result, error, flags;
	sighandler_t handler;
	sigset_t mask;
	uint64_t action_mask;
};

/* 34 and 64 are SIGRTMIN and SIGRTMAX, 32 and 33 the C library's own. The first seven can be
 * caught. */
static const int numbers[] = { SIGUSR1, SIGUSR2, SIGTERM, SIGCHLD, SIGHUP, 34, 64,  SIGKILL,
			       SIGSTOP, 32,      33,      0,       -1,     65, 1000 };
#define CATCHABLE 7

static void one(int number)
{
	(void)number;
}

static void two(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)info;
	(void)context;
}

/* The fifth for sigset alone. Its SIG_ERR is left out: the C library's takes it for a handler's
 * address. */
static const sighandler_t handlers[] = { one, (sighandler_t)(void (*)(void))two, SIG_DFL, SIG_IGN,
					 SIG_HOLD };

static const int flags[] = { 0,
			     SA_RESTART,
			     SA_SIGINFO,
			     SA_SIGINFO | SA_NODEFER,
			     (int)SA_RESETHAND,
			     (int)SA_RESETHAND | SA_SIGINFO | SA_RESTART,
			     SA_ONSTACK | SA_NOCLDSTOP,
			     SA_NOCLDWAIT | SA_INTERRUPT };

static const struct calls own = {
	.sigaction = sigaction,
	.simple = { signal, bsd_signal, ssignal, sysv_signal, __sysv_signal, sigset },
	.siginterrupt = siginterrupt,
};

static struct calls genuine(void)
{
	static const char *const names[] = { "signal",      "bsd_signal",    "ssignal",
					     "sysv_signal", "__sysv_signal", "sigset" };
	struct calls calls;

	*(void **)&calls.sigaction = dlsym(RTLD_NEXT, "sigaction");
	*(void **)&calls.siginterrupt = dlsym(RTLD_NEXT, "siginterrupt");
	for (size_t at = 0; at < COUNT(names); at++) {
		*(void **)&calls.simple[at] = dlsym(RTLD_NEXT, names[at]);
		assert_non_null(calls.simple[at]);
	}
	return calls;
}

static unsigned next(unsigned *seed, size_t limit)
{
	*seed = *seed * 1103515245u + 12345u;
	return (*seed >> 16) % (unsigned)limit;
}

static void call_sigaction(const struct calls *calls, int number, unsigned *seed,
			   struct answer *answer)
{
	struct sigaction action = { .sa_flags = flags[next(seed, COUNT(flags))] };
	struct sigaction old = { 0 };
	unsigned way = next(seed, 4);

	action.sa_handler = handlers[next(seed, 4)];
	sigaddset(&action.sa_mask, numbers[next(seed, CATCHABLE)]);
	answer->result =
		calls->sigaction(number, way != 0 ? &action : NULL, way != 1 ? &old : NULL);
	answer->handler = old.sa_handler;
	answer->flags = old.sa_flags;
	/* What lies behind the 64 bits is nobody's. */
	memcpy(&answer->action_mask, &old.sa_mask, sizeof answer->action_mask);
}

static void step(const struct calls *calls, unsigned *seed, struct answer *answer)
{
	int number = numbers[next(seed, COUNT(numbers))];
	unsigned what = next(seed, 10);

	memset(answer, 0, sizeof *answer);
	errno = 0;
	if (what < 6)
		answer->handler =
			calls->simple[what](number, handlers[next(seed, what == 5 ? 5 : 4)]);
	else if (what == 6)
		answer->handler = calls->simple[0](number, SIG_ERR);
	else if (what == 7)
		answer->result = calls->siginterrupt(number, (int)next(seed, 2));
	else
		call_sigaction(calls, number, seed, answer);
	answer->error = errno;
	pthread_sigmask(SIG_BLOCK, NULL, &answer->mask);
}

static void start(const struct calls *calls)
{
	struct sigaction none = { .sa_handler = SIG_DFL };
	sigset_t empty;

	sigemptyset(&empty);
	for (size_t at = 0; at < CATCHABLE; at++)
		assert_int_equal(calls->sigaction(numbers[at], &none, NULL), 0);
	pthread_sigmask(SIG_SETMASK, &empty, NULL);
}

static void run_script(const struct calls *calls, struct answer *answers)
{
	unsigned seed = 20070604;

	start(calls);
	for (size_t at = 0; at < STEPS; at++)
		step(calls, &seed, &answers[at]);
	start(calls);
}

static void the_same_answers(void **state)
{
	static struct answer ours[STEPS], theirs[STEPS];
	struct calls library = genuine();
	size_t handlers_seen = 0, errors = 0;

	(void)state;
	run_script(&library, theirs);
	run_script(&own, ours);
	for (size_t at = 0; at < STEPS; at++) {
		if (memcmp(&ours[at], &theirs[at], sizeof ours[at]) != 0)
			print_error("step %zu: result %d, errno %d, flags %x, handler %p; "
				    "expected %d, %d, %x, %p\n",
				    at, ours[at].result, ours[at].error, (unsigned)ours[at].flags,
				    (void *)(uintptr_t)ours[at].handler, theirs[at].result,
				    theirs[at].error, (unsigned)theirs[at].flags,
				    (void *)(uintptr_t)theirs[at].handler);
		assert_memory_equal(&ours[at], &theirs[at], sizeof ours[at]);
		handlers_seen +=
			theirs[at].handler == handlers[0] || theirs[at].handler == handlers[1];
		errors += theirs[at].error != 0;
	}
	assert_true(handlers_seen > STEPS / 20 && errors > STEPS / 20);
}

/* The C library's system() sets and restores handlers past this library: ours is there again. */
static volatile sig_atomic_t interrupts;

static void count(int number)
{
	(void)number;
	interrupts++;
}

static void what_the_c_library_restores_works(void **state)
{
	int (*genuine_system)(const char *);

	(void)state;
	*(void **)&genuine_system = dlsym(RTLD_NEXT, "system");
	signal(SIGINT, count);
	assert_int_equal(genuine_system("true"), 0);
	raise(SIGINT);
	assert_int_equal(interrupts, 1);
	assert_true(signal(SIGINT, SIG_DFL) == count);
}

RUN(TEST(the_same_answers), TEST(what_the_c_library_restores_works))
