/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "death.h"

#include "contract/side.h"

#include <signal.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>

bool death_let_trace(void)
{
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0 && raise(SIGSTOP) == 0;
}

static enum death_result result_of(int status)
{
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
		return DEATH_KILLED;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return DEATH_TOO_LATE;
	printf("# the victim ended by itself, %s %d\n", WIFEXITED(status) ? "status" : "signal",
	       WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
	return DEATH_BAD;
}

/* Lets it go on to its next stop; false when it has ended. */
static bool go_on(pid_t child, enum __ptrace_request how, int *status)
{
	int signal = 0;

	do {
		if (ptrace(how, child, NULL, signal) != 0 || waitpid(child, status, 0) != child ||
		    !WIFSTOPPED(*status))
			return false;
		signal = WSTOPSIG(*status) & 0x7f;
	} while (signal != SIGTRAP);
	return true;
}

/* Up to the moment; false when it ended before. */
static bool lead(pid_t child, const struct death *death, int *status)
{
	const long options = PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD;

	if (waitpid(child, status, 0) != child || !WIFSTOPPED(*status))
		return false;
	CHECK(ptrace(PTRACE_SETOPTIONS, child, NULL, options) == 0);
	for (unsigned stop = 0; stop <= death->stop; stop++)
		if (!go_on(child, PTRACE_SYSCALL, status))
			return false;
	for (unsigned at = 0; at < death->instructions; at++)
		if (!go_on(child, PTRACE_SINGLESTEP, status))
			return false;
	return true;
}

enum death_result death_come(pid_t child, const struct death *death, struct account *account)
{
	const struct timespec delay = { .tv_sec = death->delay / 1000000,
					.tv_nsec = death->delay % 1000000 * 1000 };
	int status;

	if (death->traced && !lead(child, death, &status))
		return result_of(status);
	if (!death->traced)
		nanosleep(&delay, NULL);
	atomic_store(&account->killed, now_us());
	kill(child, SIGKILL);
	CHECK(waitpid(child, &status, 0) == child);
	return result_of(status);
}
