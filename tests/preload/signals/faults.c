/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an instruction raises is handled at once, also while the thread holds. */
#include "preload/signals.h"

#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../unit/unit.h"
#include "catch.h"

static char *page;
static sigjmp_buf back;

static int set_up(void **state)
{
	(void)state;
	page = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return page == MAP_FAILED;
}

static int tear_down(void **state)
{
	(void)state;
	return munmap(page, 4096);
}

static void repair(int number, siginfo_t *info, void *context)
{
	note(number, info, context);
	mprotect(page, 4096, PROT_READ | PROT_WRITE);
}

static void jump(int number, siginfo_t *info, void *context)
{
	note(number, info, context);
	siglongjmp(back, 1);
}

/* Not optimised away. */
static void touch(void)
{
	*(volatile char *)page = 'x';
}

static void handled_at_once(void **state)
{
	(void)state;
	install(SIGSEGV, repair, 0);
	signals_hold();
	touch();
	assert_int_equal(calls, 1);
	assert_ptr_equal(seen.si_addr, page);
	signals_release();
	assert_int_equal(calls, 1);
	signal(SIGSEGV, SIG_DFL);
}

/* The hold goes on after the fault. */
static void still_held_afterwards(void **state)
{
	(void)state;
	install(SIGSEGV, repair, 0);
	install(SIGUSR1, note, 0);
	signals_hold();
	raise(SIGUSR1);
	touch();
	raise(SIGUSR1);
	assert_int_equal(calls, 1);
	assert_int_equal(seen.si_signo, SIGSEGV);
	signals_release();
	assert_int_equal(calls, 2);
	assert_int_equal(seen.si_signo, SIGUSR1);
	signal(SIGSEGV, SIG_DFL);
}

static void sent_by_kill_it_waits(void **state)
{
	(void)state;
	install(SIGSEGV, note, 0);
	signals_hold();
	kill(getpid(), SIGSEGV);
	assert_int_equal(calls, 0);
	signals_release();
	assert_int_equal(calls, 1);
	signal(SIGSEGV, SIG_DFL);
}

/* A jump out of a hold that a fault interrupted ends it. */
static void a_jump_leaves_nothing_held(void **state)
{
	(void)state;
	install(SIGSEGV, jump, 0);
	install(SIGUSR1, note, 0);
	if (sigsetjmp(back, 1) == 0) {
		signals_hold();
		signals_hold();
		touch();
		fail();
	}
	assert_int_equal(calls, 1);
	raise(SIGUSR1);
	assert_int_equal(calls, 2);
	signals_hold();
	raise(SIGUSR1);
	assert_int_equal(calls, 2);
	signals_release();
	assert_int_equal(calls, 3);
	signal(SIGSEGV, SIG_DFL);
}

#define FIXED(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

RUN(FIXED(handled_at_once), FIXED(still_held_afterwards), FIXED(sent_by_kill_it_waits),
    FIXED(a_jump_leaves_nothing_held))
