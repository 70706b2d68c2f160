/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* While a thread holds, no handler runs in it; afterwards each runs, once, with the details of its
 * signal. */
#include "preload/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../../unit/unit.h"
#include "catch.h"

static void at_once_when_nothing_is_held(void **state)
{
	(void)state;
	install(SIGUSR1, note, 0);
	raise(SIGUSR1);
	assert_int_equal(calls, 1);
	signals_hold();
	signals_release();
	assert_int_equal(calls, 1);
}

static void once_at_the_last_release(void **state)
{
	(void)state;
	install(SIGUSR1, note, 0);
	signals_hold();
	signals_hold();
	raise(SIGUSR1);
	assert_int_equal(calls, 0);
	assert_true(is_blocked(SIGUSR1));
	signals_release();
	assert_int_equal(calls, 0);
	signals_release();
	assert_int_equal(calls, 1);
	assert_false(is_blocked(SIGUSR1));
	signals_hold();
	signals_release();
	assert_int_equal(calls, 1);
}

static void details_of_sigqueue(void **state)
{
	(void)state;
	install(SIGUSR1, note, 0);
	signals_hold();
	assert_int_equal(sigqueue(getpid(), SIGUSR1, (union sigval){ .sival_int = 4711 }), 0);
	assert_int_equal(calls, 0);
	signals_release();
	assert_int_equal(calls, 1);
	assert_int_equal(seen.si_signo, SIGUSR1);
	assert_int_equal(seen.si_code, SI_QUEUE);
	assert_int_equal(seen.si_value.sival_int, 4711);
	assert_int_equal(seen.si_pid, getpid());
	assert_int_equal(seen.si_uid, getuid());
}

static void details_of_kill(void **state)
{
	(void)state;
	install(SIGUSR1, note, 0);
	signals_hold();
	assert_int_equal(kill(getpid(), SIGUSR1), 0);
	signals_release();
	assert_int_equal(calls, 1);
	assert_int_equal(seen.si_code, SI_USER);
	assert_int_equal(seen.si_pid, getpid());
	signals_hold();
	assert_int_equal(pthread_kill(pthread_self(), SIGUSR1), 0);
	signals_release();
	assert_int_equal(calls, 2);
	assert_int_equal(seen.si_code, SI_TKILL);
}

static void details_of_a_child(void **state)
{
	siginfo_t ended;
	pid_t child;

	(void)state;
	install(SIGCHLD, note, 0);
	signals_hold();
	child = fork();
	if (child == 0)
		_exit(7);
	assert_int_equal(waitid(P_PID, (id_t)child, &ended, WEXITED), 0);
	assert_int_equal(calls, 0);
	signals_release();
	assert_int_equal(calls, 1);
	assert_int_equal(seen.si_code, CLD_EXITED);
	assert_int_equal(seen.si_pid, child);
	assert_int_equal(seen.si_status, 7);
	signal(SIGCHLD, SIG_DFL);
}

static void details_of_a_descriptor(void **state)
{
	int ends[2], number = SIGRTMIN + 3;

	(void)state;
	install(number, note, 0);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(fcntl(ends[0], F_SETOWN, getpid()), 0);
	assert_int_equal(fcntl(ends[0], F_SETSIG, number), 0);
	assert_int_equal(fcntl(ends[0], F_SETFL, O_ASYNC | O_NONBLOCK), 0);
	signals_hold();
	assert_int_equal(write(ends[1], "x", 1), 1);
	assert_int_equal(calls, 0);
	signals_release();
	assert_int_equal(calls, 1);
	assert_int_equal(seen.si_code, POLL_IN);
	assert_int_equal(seen.si_fd, ends[0]);
	close(ends[0]);
	close(ends[1]);
}

static void details_of_a_timer(void **state)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
				  .sigev_signo = SIGUSR2,
				  .sigev_value = { .sival_int = 99 } };
	struct itimerspec soon = { .it_value = { .tv_nsec = 1000 } };
	sigset_t pending;
	timer_t timer;

	(void)state;
	install(SIGUSR2, note, 0);
	signals_hold();
	assert_int_equal(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
	assert_int_equal(timer_settime(timer, 0, &soon, NULL), 0);
	do
		assert_int_equal(sigpending(&pending), 0);
	while (sigismember(&pending, SIGUSR2) == 0);
	assert_int_equal(calls, 0);
	signals_release();
	assert_int_equal(calls, 1);
	assert_int_equal(seen.si_code, SI_TIMER);
	assert_int_equal(seen.si_value.sival_int, 99);
	timer_delete(timer);
}

static volatile int order[8];

static void note_order(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	if (calls < (int)COUNT(order))
		order[calls] = info->si_value.sival_int;
	calls++;
}

static void queued_ones_keep_their_order(void **state)
{
	(void)state;
	install(SIGRTMIN, note_order, 0);
	signals_hold();
	for (int at = 0; at < 5; at++)
		assert_int_equal(sigqueue(getpid(), SIGRTMIN, (union sigval){ .sival_int = at }),
				 0);
	assert_int_equal(calls, 0);
	signals_release();
	assert_int_equal(calls, 5);
	for (int at = 0; at < 5; at++)
		assert_int_equal(order[at], at);
}

static void different_ones_all_come(void **state)
{
	int numbers[] = { SIGUSR2, SIGUSR1, SIGTERM, SIGRTMIN, SIGRTMAX };

	(void)state;
	for (size_t at = 0; at < COUNT(numbers); at++)
		install(numbers[at], note, 0);
	signals_hold();
	for (size_t at = 0; at < COUNT(numbers); at++)
		raise(numbers[at]);
	assert_int_equal(calls, 0);
	signals_release();
	assert_int_equal(calls, COUNT(numbers));
	for (size_t at = 0; at < COUNT(numbers); at++)
		assert_false(is_blocked(numbers[at]));
}

/* What the program blocked stays so. */
static void the_programs_mask_stays(void **state)
{
	(void)state;
	install(SIGUSR1, note, 0);
	set_blocked(SIGUSR2, true);
	signals_hold();
	raise(SIGUSR2);
	raise(SIGUSR1);
	signals_release();
	assert_int_equal(calls, 1);
	assert_true(is_blocked(SIGUSR2));
	install(SIGUSR2, note, 0);
	set_blocked(SIGUSR2, false);
	assert_int_equal(calls, 1);
}

static void with_nodefer_too(void **state)
{
	(void)state;
	install(SIGUSR1, note, SA_NODEFER);
	signals_hold();
	raise(SIGUSR1);
	assert_int_equal(calls, 0);
	signals_release();
	assert_int_equal(calls, 1);
	assert_false(is_blocked(SIGUSR1));
}

static void errno_is_left_alone(void **state)
{
	(void)state;
	install(SIGUSR1, note, 0);
	signals_hold();
	errno = EDOM;
	raise(SIGUSR1);
	assert_int_equal(errno, EDOM);
	signals_release();
	assert_int_equal(errno, EDOM);
	assert_int_equal(calls, 1);
}

static void hold_and_raise(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)info;
	(void)context;
	signals_hold();
	raise(SIGUSR2);
	assert_int_equal(calls, 0);
	signals_release();
	assert_int_equal(calls, 1);
}

static void a_handler_may_hold(void **state)
{
	(void)state;
	install(SIGUSR1, hold_and_raise, 0);
	install(SIGUSR2, note, 0);
	raise(SIGUSR1);
	assert_int_equal(calls, 1);
	signals_hold();
	calls = 0;
	raise(SIGUSR1);
	assert_int_equal(calls, 0);
	signals_release();
	assert_int_equal(calls, 1);
}

/* Where the kernel has no room for the details any more, as when it is kill() that sends. */
static void never_lost_for_lack_of_room(void **state)
{
	struct rlimit limit, none;

	(void)state;
	install(SIGRTMIN, note, 0);
	set_blocked(SIGRTMIN, true);
	assert_int_equal(sigqueue(getpid(), SIGRTMIN, (union sigval){ .sival_int = 1 }), 0);
	assert_int_equal(getrlimit(RLIMIT_SIGPENDING, &limit), 0);
	none = (struct rlimit){ .rlim_max = limit.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_SIGPENDING, &none), 0);
	signals_hold();
	set_blocked(SIGRTMIN, false);
	assert_int_equal(calls, 0);
	signals_release();
	assert_int_equal(setrlimit(RLIMIT_SIGPENDING, &limit), 0);
	assert_int_equal(calls, 1);
	assert_int_equal(seen.si_code, SI_USER);
}

static void *raise_here(void *argument)
{
	(void)argument;
	raise(SIGUSR1);
	return (void *)(intptr_t)calls;
}

static void each_thread_holds_for_itself(void **state)
{
	pthread_t thread;
	void *there;

	(void)state;
	install(SIGUSR1, note, 0);
	signals_hold();
	assert_int_equal(pthread_create(&thread, NULL, raise_here, NULL), 0);
	assert_int_equal(pthread_join(thread, &there), 0);
	assert_int_equal((intptr_t)there, 1);
	signals_release();
	assert_int_equal(calls, 1);
}

/* The child inherits the blocked signal, but not the signal; and lets it in as well. */
static void a_child_of_a_holder(void **state)
{
	int status;
	pid_t child;

	(void)state;
	install(SIGUSR1, note, 0);
	signals_hold();
	raise(SIGUSR1);
	child = fork();
	if (child == 0) {
		signals_forked();
		signals_release();
		if (calls != 0 || is_blocked(SIGUSR1))
			_exit(1);
		raise(SIGUSR1);
		_exit(calls == 1 ? 0 : 2);
	}
	signals_release();
	assert_int_equal(calls, 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

RUN(TEST(at_once_when_nothing_is_held), TEST(once_at_the_last_release), TEST(details_of_sigqueue),
    TEST(details_of_kill), TEST(details_of_a_child), TEST(details_of_a_descriptor),
    TEST(details_of_a_timer), TEST(queued_ones_keep_their_order), TEST(different_ones_all_come),
    TEST(the_programs_mask_stays), TEST(with_nodefer_too), TEST(errno_is_left_alone),
    TEST(a_handler_may_hold), TEST(never_lost_for_lack_of_room), TEST(each_thread_holds_for_itself),
    TEST(a_child_of_a_holder))
