/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whatever makes a child: both sides are told, and the child's memory is its own. */
#include <fcntl.h>
#include <pthread.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../unit/unit.h"
#include "streams.h"

/* Programs still call vfork(). */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

static volatile int variable;

static void nothing(int number)
{
	(void)number;
}

static void both_are_told(pid_t (*make)(void))
{
	pid_t child;

	variable = 1;
	told_reset();
	child = make();
	if (child == 0) {
		variable = 2;
		_exit(0);
	}
	assert_int_equal(wait_for(child), 0);
	assert_int_equal(variable, 1);
	assert_int_equal(atomic_load(&told->fork), 1);
	assert_int_equal(atomic_load(&told->parent), 1);
	assert_int_equal(atomic_load(&told->child), 1);
}

static void by_fork(void **state)
{
	(void)state;
	both_are_told(fork);
}

static void by_vfork(void **state)
{
	(void)state;
	both_are_told(vfork);
}

static void by_fork_without_handlers(void **state)
{
	(void)state;
	both_are_told(_Fork);
}

static int terminal;

static pid_t make_on_a_terminal(void)
{
	return forkpty(&terminal, NULL, NULL, NULL);
}

static void by_forkpty(void **state)
{
	(void)state;
	both_are_told(make_on_a_terminal);
	close(terminal);
}

/* ------------------------------------------------------------------ handlers */

static atomic_bool over;

static void *replace_handlers(void *argument)
{
	(void)argument;
	while (!atomic_load(&over))
		signal(SIGUSR1, nothing);
	return NULL;
}

/* Another thread has the lock of the table now and then. */
static void handlers_can_be_replaced_in_the_child(void **state)
{
	pthread_t thread;

	(void)state;
	signal(SIGUSR1, nothing);
	assert_int_equal(pthread_create(&thread, NULL, replace_handlers, NULL), 0);
	for (int round = 0; round < 200; round++) {
		pid_t child = round % 2 == 0 ? fork() : _Fork();

		if (child == 0)
			_exit(signal(SIGUSR1, nothing) != nothing);
		assert_int_equal(wait_for(child), 0);
	}
	atomic_store(&over, true);
	assert_int_equal(pthread_join(thread, NULL), 0);
}

/* ------------------------------------------------------------------ daemon */

static int report_end;

static bool is_null(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && S_ISCHR(status.st_mode) &&
	       status.st_rdev == makedev(1, 3);
}

static char what_is_wrong(void)
{
	char here[100];

	if (getsid(0) != getpid())
		return 's';
	if (getcwd(here, sizeof here) == NULL || here[0] != '/' || here[1] != '\0')
		return 'd';
	for (int fd = 0; fd < 3; fd++)
		if (!is_null(fd))
			return 'n';
	return 0;
}

static int become_a_daemon(void)
{
	char wrong;

	if (daemon(0, 0) != 0)
		return 1;
	wrong = what_is_wrong();
	return write(report_end, &wrong, 1) == 1 ? 0 : 1;
}

/* The one that calls is left by an exit that is told of; the daemon is its child. */
static void by_daemon(void **state)
{
	int ends[2], status;
	char wrong = '?';
	pid_t middle;

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	report_end = ends[1];
	told_reset();
	middle = fork();
	if (middle == 0) {
		close(ends[0]);
		_exit(become_a_daemon());
	}
	close(ends[1]);
	assert_int_equal(waitpid(middle, &status, 0), middle);
	assert_int_equal(status, 0);
	assert_int_equal(read(ends[0], &wrong, 1), 1);
	assert_int_equal(wrong, 0);
	/* The daemon's own end. */
	assert_int_equal(read(ends[0], &wrong, 1), 0);
	assert_int_equal(atomic_load(&told->fork), 2);
	assert_int_equal(atomic_load(&told->child), 2);
	assert_int_equal(atomic_load(&told->exit), 2);
	close(ends[0]);
}

RUN(TEST(by_fork), TEST(by_vfork), TEST(by_fork_without_handlers), TEST(by_forkpty),
    TEST(handlers_can_be_replaced_in_the_child), TEST(by_daemon))
