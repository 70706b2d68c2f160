/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "streams.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "preload/calls-process.h"
#include "preload/library.h"
#include "preload/preload.h"
#include "preload/streams.h"

struct told *told;

__attribute__((constructor)) static void start(void)
{
	told = mmap(NULL, sizeof *told, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (told == MAP_FAILED)
		abort();
	process_calls_start();
}

void told_reset(void)
{
	*told = (struct told){ 0 };
}

/* Nobody has a TCP socket here. */
bool library_is_loaded(void)
{
	return false;
}

int wait_for(pid_t child)
{
	int status;

	if (child < 0 || waitpid(child, &status, 0) != child)
		abort();
	return status;
}

int status_of_child(int (*body)(void))
{
	pid_t child = fork();

	if (child == 0) {
		told_reset();
		real.syscall(SYS_exit_group, body());
	}
	return wait_for(child);
}

void streams_before_exec(void)
{
	atomic_fetch_add(&told->exec, 1);
}

void streams_seal_for_exec(void)
{
	atomic_fetch_add(&told->sealed, 1);
}

void streams_exec_failed(void)
{
	atomic_fetch_add(&told->failed, 1);
}

void streams_before_seal(void)
{
	atomic_fetch_add(&told->seal, 1);
}

void streams_before_limit(uint64_t limit)
{
	atomic_fetch_add(&told->limits, 1);
	atomic_store(&told->limit, limit);
}

void streams_before_exit(void)
{
	atomic_fetch_add(&told->exit, 1);
	atomic_store(&told->exit_process, getpid());
}

void streams_before_fork(void)
{
	atomic_fetch_add(&told->fork, 1);
}

void streams_forked_parent(void)
{
	atomic_fetch_add(&told->parent, 1);
}

void streams_fork_failed(void)
{
}

void streams_forked_child(void)
{
	atomic_fetch_add(&told->child, 1);
}

void stream_pin(int fd, const char *why)
{
	(void)why;
	atomic_store(&told->pinned, fd);
}
