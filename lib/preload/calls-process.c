/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fork() runs handlers, so forkpty() and daemon() need no more. Out of reach are processes made by
 * clone() (with CLONE_VM the child changes this process's table, without it it takes itself for its
 * parent) or by the system call, and what the C library starts on its own account (wordexp).
 */
#include "preload/calls-process.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "preload/library.h"
#include "preload/preload.h"
#include "preload/public.h"
#include "preload/real.h"
#include "preload/signals.h"
#include "preload/streams.h"

/* ------------------------------------------------------------------ children */

static void in_child(void)
{
	signals_forked();
	streams_forked_child();
}

void process_calls_start(void)
{
	pthread_atfork(streams_before_fork, streams_forked_parent, in_child);
	/* The first to be registered is the last to be called. */
	/* cppcheck-suppress ignoredReturnValue; without it streams end as by _Exit */
	at_quick_exit(streams_before_exit);
}

/* The handlers do not learn whether there is a child. */
PUBLIC pid_t fork(void)
{
	pid_t child;

	real_ready();
	/* libxsock's handlers hold locks in between. */
	signals_hold();
	child = real.fork();
	if (child < 0)
		streams_fork_failed();
	signals_release();
	return child;
}

/* A child that shared memory would change this process's table while it gets its descriptors in
 * order. */
PUBLIC pid_t vfork(void)
{
	return fork();
}

/* fork() without the handlers; but libxsock learns of a child by its own only, and would take the
 * parent's rings for the child's. */
PUBLIC pid_t _Fork(void)
{
	pid_t child;

	real_ready();
	if (library_is_loaded())
		return fork();
	streams_before_fork();
	child = real._Fork();
	if (child == 0)
		in_child();
	else
		streams_forked_parent();
	if (child < 0)
		streams_fork_failed();
	return child;
}

static int null_streams(void)
{
	struct stat status;
	int fd = open("/dev/null", O_RDWR);

	if (fd < 0)
		return -1;
	if (fstat(fd, &status) != 0 || !S_ISCHR(status.st_mode) ||
	    status.st_rdev != makedev(1, 3)) {
		close(fd);
		errno = ENODEV;
		return -1;
	}
	for (int number = STDIN_FILENO; number <= STDERR_FILENO; number++)
		dup2(fd, number);
	if (fd > STDERR_FILENO)
		close(fd);
	return 0;
}

/* The C library's calls its own _exit and dup2, past those of this library. */
PUBLIC int daemon(int stay, int keep_streams)
{
	pid_t child = fork();

	if (child < 0)
		return -1;
	if (child > 0)
		_exit(0);
	if (setsid() < 0)
		return -1;
	/* Where that fails the C library goes on, too. */
	if (!stay && chdir("/") != 0)
		errno = 0;
	return keep_streams ? 0 : null_streams();
}

PUBLIC int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
		       const posix_spawnattr_t *attributes, char *const arguments[],
		       char *const environment[])
{
	real_ready();
	streams_before_exec();
	return real.posix_spawn(pid, path, actions, attributes, arguments, environment);
}

PUBLIC int posix_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions,
			const posix_spawnattr_t *attributes, char *const arguments[],
			char *const environment[])
{
	real_ready();
	streams_before_exec();
	return real.posix_spawnp(pid, file, actions, attributes, arguments, environment);
}

/* Of glibc since 2.39; where there is none, nobody could be linked to it, but may look for it. */
typedef int pidfd_spawn_call(int *pidfd, const char *path,
			     const posix_spawn_file_actions_t *actions,
			     const posix_spawnattr_t *attributes, char *const arguments[],
			     char *const environment[]);
pidfd_spawn_call pidfd_spawn, pidfd_spawnp;

PUBLIC int pidfd_spawn(int *pidfd, const char *path, const posix_spawn_file_actions_t *actions,
		       const posix_spawnattr_t *attributes, char *const arguments[],
		       char *const environment[])
{
	pidfd_spawn_call *next = (pidfd_spawn_call *)dlsym(RTLD_NEXT, "pidfd_spawn");

	if (next == NULL)
		return ENOSYS;
	real_ready();
	streams_before_exec();
	return next(pidfd, path, actions, attributes, arguments, environment);
}

PUBLIC int pidfd_spawnp(int *pidfd, const char *file, const posix_spawn_file_actions_t *actions,
			const posix_spawnattr_t *attributes, char *const arguments[],
			char *const environment[])
{
	pidfd_spawn_call *next = (pidfd_spawn_call *)dlsym(RTLD_NEXT, "pidfd_spawnp");

	if (next == NULL)
		return ENOSYS;
	real_ready();
	streams_before_exec();
	return next(pidfd, file, actions, attributes, arguments, environment);
}

/* The child gets a socket that need not survive exec in this process. */
PUBLIC int posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t *actions, int fd, int number)
{
	real_ready();
	stream_pin(fd, "given to a child (posix_spawn)");
	return real.posix_spawn_file_actions_adddup2(actions, fd, number);
}

PUBLIC int system(const char *command)
{
	real_ready();
	streams_before_exec();
	return real.system(command);
}

PUBLIC FILE *popen(const char *command, const char *mode)
{
	real_ready();
	streams_before_exec();
	return real.popen(command, mode);
}

/* ------------------------------------------------------------------ the end */

PUBLIC void _exit(int status)
{
	real_ready();
	streams_before_exit();
	real._exit(status);
	__builtin_unreachable();
}

PUBLIC void _Exit(int status)
{
	_exit(status);
}

/* ------------------------------------------------------------------ confinement */

static void before_prctl(int option, unsigned long mode)
{
	if (option == PR_SET_SECCOMP &&
	    (mode == SECCOMP_MODE_STRICT || mode == SECCOMP_MODE_FILTER))
		streams_before_seal();
}

static void before_seccomp(unsigned long operation)
{
	if (operation == SECCOMP_SET_MODE_STRICT || operation == SECCOMP_SET_MODE_FILTER)
		streams_before_seal();
}

static void before_syscall(long number, const unsigned long arguments[])
{
	switch (number) {
	case SYS_prctl:
		before_prctl((int)arguments[0], arguments[1]);
		break;
	case SYS_seccomp:
		before_seccomp(arguments[0]);
		break;
	case SYS_execve:
	case SYS_execveat:
		streams_before_exec();
		streams_seal_for_exec();
		break;
	case SYS_exit_group:
		streams_before_exit();
		break;
	default:
		break;
	}
}

PUBLIC int prctl(int option, ...)
{
	unsigned long arguments[4];
	va_list list;

	va_start(list, option);
	for (int at = 0; at < 4; at++)
		arguments[at] = va_arg(list, unsigned long);
	va_end(list);
	real_ready();
	before_prctl(option, arguments[0]);
	return real.prctl(option, arguments[0], arguments[1], arguments[2], arguments[3]);
}

/* Six arguments whatever the number takes, as the C library's. */
PUBLIC long syscall(long number, ...)
{
	unsigned long arguments[6];
	va_list list;
	long result;
	int error;

	va_start(list, number);
	for (int at = 0; at < 6; at++)
		arguments[at] = va_arg(list, unsigned long);
	va_end(list);
	real_ready();
	before_syscall(number, arguments);
	result = real.syscall(number, arguments[0], arguments[1], arguments[2], arguments[3],
			      arguments[4], arguments[5]);
	error = errno;
	if (number == SYS_execve || number == SYS_execveat)
		streams_exec_failed();
	errno = error;
	return result;
}
