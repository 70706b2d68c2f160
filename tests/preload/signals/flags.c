/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The flags of a handler do what they do without the library, put off or not. */
#include "preload/signals.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../unit/unit.h"
#include "catch.h"

static void raise_held(int number, bool held)
{
	if (held)
		signals_hold();
	raise(number);
	if (held)
		signals_release();
}

/* How a child ends that does this. */
static int status_of(void (*body)(void *argument), void *argument)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		signals_forked();
		body(argument);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static volatile sig_atomic_t plain_number;

static void plain(int number)
{
	plain_number = number;
	calls++;
}

static void without_siginfo(void **state)
{
	struct sigaction action = { .sa_handler = plain };

	(void)state;
	for (int held = 0; held < 2; held++) {
		calls = plain_number = 0;
		assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
		raise_held(SIGUSR1, held);
		assert_int_equal(calls, 1);
		assert_int_equal(plain_number, SIGUSR1);
	}
}

static void raise_it(void *held)
{
	raise_held(SIGUSR1, *(int *)held);
}

static void resethand_is_for_once(void **state)
{
	struct sigaction old;
	int status;

	(void)state;
	for (int held = 0; held < 2; held++) {
		install(SIGUSR1, note, (int)SA_RESETHAND);
		raise_held(SIGUSR1, held);
		assert_int_equal(calls, 1);
		assert_int_equal(sigaction(SIGUSR1, NULL, &old), 0);
		assert_ptr_equal(old.sa_handler, SIG_DFL);
		status = status_of(raise_it, &held);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGUSR1);
	}
}

static void look(int number, siginfo_t *info, void *context)
{
	struct sigaction old;

	sigaction(number, NULL, &old);
	if (old.sa_handler == SIG_DFL)
		note(number, info, context);
}

static void resethand_before_the_handler_runs(void **state)
{
	(void)state;
	install(SIGUSR1, look, (int)SA_RESETHAND);
	raise(SIGUSR1);
	assert_int_equal(calls, 1);
}

/* One that is installed in the handler stays. */
static void again(int number, siginfo_t *info, void *context)
{
	struct sigaction action = { .sa_sigaction = again,
				    .sa_flags = SA_SIGINFO | (int)SA_RESETHAND };

	note(number, info, context);
	sigaction(number, &action, NULL);
}

static void resethand_installed_anew(void **state)
{
	(void)state;
	install(SIGUSR1, again, (int)SA_RESETHAND);
	for (int round = 1; round <= 4; round++) {
		raise_held(SIGUSR1, round % 2 != 0);
		assert_int_equal(calls, round);
	}
	signal(SIGUSR1, SIG_DFL);
}

static unsigned *runs;

static void count(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)info;
	(void)context;
	__atomic_fetch_add(runs, 1, __ATOMIC_SEQ_CST);
}

/* Both reach the thread before an instruction of a handler was executed. */
static void raise_two(void *argument)
{
	(void)argument;
	install(SIGRTMIN, count, (int)SA_RESETHAND | SA_NODEFER);
	set_blocked(SIGRTMIN, true);
	raise(SIGRTMIN);
	raise(SIGRTMIN);
	set_blocked(SIGRTMIN, false);
}

/* One of them may be handled, the other ends the process. */
static void resethand_for_one_of_two(void **state)
{
	int status;

	(void)state;
	runs = mmap(NULL, sizeof *runs, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(runs, MAP_FAILED);
	status = status_of(raise_two, NULL);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGRTMIN);
	assert_true(*runs <= 1);
	munmap(runs, sizeof *runs);
}

static volatile sig_atomic_t depth, deepest;

static void recurse(int number, siginfo_t *info, void *context)
{
	note(number, info, context);
	depth++;
	if (depth > deepest)
		deepest = depth;
	if (calls == 1)
		raise(number);
	depth--;
}

static void nodefer(void **state)
{
	(void)state;
	for (int held = 0; held < 2; held++) {
		deepest = 0;
		install(SIGUSR1, recurse, SA_NODEFER);
		raise_held(SIGUSR1, held);
		assert_int_equal(calls, 2);
		assert_int_equal(deepest, 2);
		deepest = 0;
		install(SIGUSR1, recurse, 0);
		raise_held(SIGUSR1, held);
		assert_int_equal(calls, 2);
		assert_int_equal(deepest, 1);
	}
}

static char *stack;
static volatile bool on_stack;

static void look_where(int number, siginfo_t *info, void *context)
{
	char here;
	uintptr_t offset = (uintptr_t)&here - (uintptr_t)stack;

	note(number, info, context);
	on_stack = offset < (size_t)SIGSTKSZ;
}

static void onstack(void **state)
{
	stack_t other = { .ss_size = (size_t)SIGSTKSZ };

	(void)state;
	stack = other.ss_sp = malloc(other.ss_size);
	assert_non_null(stack);
	assert_int_equal(sigaltstack(&other, NULL), 0);
	for (int held = 0; held < 2; held++) {
		install(SIGUSR1, look_where, SA_ONSTACK);
		raise_held(SIGUSR1, held);
		assert_int_equal(calls, 1);
		assert_true(on_stack);
		install(SIGUSR1, look_where, 0);
		raise_held(SIGUSR1, held);
		assert_false(on_stack);
	}
	other = (stack_t){ .ss_flags = SS_DISABLE };
	assert_int_equal(sigaltstack(&other, NULL), 0);
	free(stack);
}

static volatile bool usr2_blocked, usr1_blocked, term_blocked;

static void look_what_is_blocked(int number, siginfo_t *info, void *context)
{
	note(number, info, context);
	usr1_blocked = is_blocked(SIGUSR1);
	usr2_blocked = is_blocked(SIGUSR2);
	term_blocked = is_blocked(SIGTERM);
}

static void the_handlers_mask(void **state)
{
	struct sigaction action = { .sa_sigaction = look_what_is_blocked, .sa_flags = SA_SIGINFO };

	(void)state;
	sigaddset(&action.sa_mask, SIGUSR2);
	assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
	for (int held = 0; held < 2; held++) {
		raise_held(SIGUSR1, held);
		assert_true(usr1_blocked && usr2_blocked && !term_blocked);
		assert_false(is_blocked(SIGUSR1) || is_blocked(SIGUSR2));
	}
}

/* Ignored and default ones need no handler, held or not. */
static void ignored_and_default(void **state)
{
	int held = 1;
	int status;

	(void)state;
	signal(SIGUSR1, SIG_IGN);
	raise_held(SIGUSR1, true);
	assert_false(is_blocked(SIGUSR1));
	signal(SIGUSR1, SIG_DFL);
	status = status_of(raise_it, &held);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGUSR1);
}

/* What the program asked for between signal and release is what holds then. */
static void ignored_meanwhile(void **state)
{
	(void)state;
	install(SIGUSR1, note, 0);
	signals_hold();
	raise(SIGUSR1);
	signal(SIGUSR1, SIG_IGN);
	signals_release();
	assert_int_equal(calls, 0);
	assert_false(is_blocked(SIGUSR1));
}

/* As in a sandbox. */
static bool forbid_sigaction(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_rt_sigaction, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = COUNT(filter), .filter = filter };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static void fail_to_replace(void *argument)
{
	struct sigaction action = { .sa_handler = plain };

	(void)argument;
	install(SIGUSR1, note, 0);
	if (!forbid_sigaction() || sigaction(SIGUSR1, &action, NULL) == 0 || errno != EPERM)
		_exit(1);
	plain_number = 0;
	raise(SIGUSR1);
	_exit(calls == 1 && plain_number == 0 ? 0 : 2);
}

static void one_that_is_not_replaced_stays(void **state)
{
	(void)state;
	assert_int_equal(status_of(fail_to_replace, NULL), 0);
}

static void call_abort(void *argument)
{
	(void)argument;
	signals_hold();
	abort();
}

static void abort_ends_a_holder(void **state)
{
	int status;

	(void)state;
	install(SIGABRT, note, 0);
	status = status_of(call_abort, NULL);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	signal(SIGABRT, SIG_DFL);
}

RUN(TEST(without_siginfo), TEST(resethand_is_for_once), TEST(resethand_before_the_handler_runs),
    TEST(resethand_installed_anew), TEST(resethand_for_one_of_two), TEST(nodefer), TEST(onstack),
    TEST(the_handlers_mask), TEST(ignored_and_default), TEST(ignored_meanwhile),
    TEST(one_that_is_not_replaced_stays), TEST(abort_ends_a_holder))
