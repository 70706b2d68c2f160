/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Something happens before each single instruction in turn, of a hold and release, and of a
 * handler's call. The processor's trap flag stops the thread there; the handler of SIGTRAP, which
 * this library has not wrapped, acts.
 */
#include "preload/signals.h"

#include <dlfcn.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "../../unit/unit.h"
#include "catch.h"

#define TRAP_FLAG 0x100

static volatile bool stepping;
static volatile unsigned steps;
/* What happens, at which step. */
static void (*acts[2])(void);
static volatile unsigned times[2];
/* Behind it all signals are blocked, so none can come, and a trap would end the process. */
static greg_t blocker;
static sigjmp_buf back;

static void on_trap(int number, siginfo_t *info, void *context)
{
	greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;

	(void)number;
	if (info->si_code == SI_KERNEL)
		stepping = !stepping;
	else
		steps = steps + 1;
	for (int at = 0; at < 2; at++)
		if (stepping && acts[at] != NULL && times[at] == steps)
			acts[at]();
	if (registers[REG_RIP] == blocker)
		stepping = false;
	if (stepping)
		registers[REG_EFL] |= TRAP_FLAG;
	else
		registers[REG_EFL] &= ~TRAP_FLAG;
}

/* Steps begin, or end. */
static inline void toggle(void)
{
	__asm__ volatile("int3" ::: "memory");
}

static int set_up(void **state)
{
	int (*genuine)(int, const struct sigaction *, struct sigaction *);
	struct sigaction trap = { .sa_sigaction = on_trap, .sa_flags = SA_SIGINFO };

	(void)state;
	*(void **)&genuine = dlsym(RTLD_NEXT, "sigaction");
	blocker = (greg_t)(uintptr_t)dlsym(RTLD_DEFAULT, "pthread_sigmask");
	sigfillset(&trap.sa_mask);
	return blocker == 0 || genuine(SIGTRAP, &trap, NULL);
}

static void start(void)
{
	stepping = false;
	steps = 0;
}

static void send(int number)
{
	syscall(SYS_tgkill, getpid(), gettid(), number);
}

static void send_jumper(void)
{
	send(SIGUSR1);
}

static void send_counter(void)
{
	send(SIGUSR2);
}

/* With SA_NODEFER, as a jump that leaves the mask alone would leave it blocked. */
static void jump(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)info;
	(void)context;
	siglongjmp(back, 1);
}

static void is_as_new(void)
{
	assert_int_equal(calls, 1);
	assert_false(is_blocked(SIGUSR1));
	assert_false(is_blocked(SIGUSR2));
	send_counter();
	assert_int_equal(calls, 2);
}

static void install_both(void)
{
	install(SIGUSR1, jump, SA_NODEFER);
	install(SIGUSR2, note, 0);
}

/* The one that was put off comes, wherever in the release another one's handler leaves. */
static void a_jump_at_each_instruction_of_a_release(void **state)
{
	volatile unsigned at = 0, jumps = 0;

	(void)state;
	acts[0] = send_jumper;
	acts[1] = NULL;
	do {
		times[0] = at++;
		install_both();
		start();
		if (sigsetjmp(back, 0) == 0) {
			signals_hold();
			send_counter();
			assert_int_equal(calls, 0);
			toggle();
			signals_release();
			if (stepping)
				toggle();
		} else {
			jumps++;
		}
		is_as_new();
	} while (steps >= times[0]);
	assert_true(jumps > 5 && jumps >= times[0]);
}

static void hold_and_release(void)
{
	toggle();
	signals_hold();
	signals_release();
	if (stepping)
		toggle();
}

/* One that counts, then one that jumps. */
static void two_at_each_instruction(void **state)
{
	volatile unsigned first, second, jumps = 0;

	(void)state;
	acts[0] = send_counter;
	acts[1] = send_jumper;
	install_both();
	for (first = 0, steps = 0; steps >= first; first++) {
		for (second = first, steps = second; steps >= second; second++) {
			times[0] = first;
			times[1] = second;
			calls = 0;
			start();
			if (sigsetjmp(back, 0) == 0)
				hold_and_release();
			else
				jumps++;
			if (steps < first)
				return;
			is_as_new();
		}
		steps = first + 1;
	}
	fail();
}

static volatile int kind;

static void plain(int number)
{
	(void)number;
	kind = 1;
}

static void detailed(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)info;
	(void)context;
	kind = 2;
}

static const struct sigaction one = { .sa_handler = plain, .sa_flags = SA_RESTART };
static const struct sigaction two = { .sa_sigaction = detailed, .sa_flags = SA_SIGINFO };

static void replace(void)
{
	sigaction(SIGUSR1, &two, NULL);
}

/* Twice, so that what is being read would be written anew. */
static void replace_and_back(void)
{
	sigaction(SIGUSR1, &one, NULL);
	sigaction(SIGUSR1, &two, NULL);
}

static void replaced_at_each_instruction(void (*act)(void))
{
	siginfo_t info = { .si_signo = SIGUSR1 };
	ucontext_t context;
	unsigned kinds[3] = { 0 };

	acts[0] = act;
	acts[1] = NULL;
	for (times[0] = 0, steps = 0; steps >= times[0]; times[0] = times[0] + 1) {
		assert_int_equal(sigaction(SIGUSR1, &one, NULL), 0);
		start();
		kind = 0;
		signals_wait_begins();
		toggle();
		signals_enter(SIGUSR1, &info, &context);
		toggle();
		assert_int_equal(signals_interrupted(), kind == 2);
		kinds[kind]++;
	}
	assert_true(kinds[0] == 0 && kinds[1] > 5 && kinds[2] > 5);
}

static void never_half_replaced(void **state)
{
	(void)state;
	replaced_at_each_instruction(replace);
	replaced_at_each_instruction(replace_and_back);
}

#define FIXED(name) cmocka_unit_test_setup(name, set_up)

RUN(FIXED(a_jump_at_each_instruction_of_a_release), FIXED(two_at_each_instruction),
    FIXED(never_half_replaced))
