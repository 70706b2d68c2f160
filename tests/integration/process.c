/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "process.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

pid_t process_start(struct side *side, void (*work)(struct side *side, void *argument),
		    void *argument)
{
	pid_t child;

	fflush(stdout);
	/* What a killed child leaves behind comes to this process. */
	CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
	child = fork();
	CHECK(child >= 0);
	if (child == 0) {
		setpgid(0, 0);
		alarm(2 * WAIT_LIMIT / 1000);
		work(side, argument);
		fflush(stdout);
		_exit(0);
	}
	setpgid(child, child);
	return child;
}

void process_end(pid_t child)
{
	int status = -1;

	CHECK(waitpid(child, &status, 0) == child);
	CHECK_RESULT(status, 0);
}

void process_kill(pid_t child)
{
	CHECK(kill(child, SIGKILL) == 0);
	CHECK(waitpid(child, NULL, 0) == child);
}

void process_kill_rest(pid_t child)
{
	kill(-child, SIGKILL);
	while (waitpid(-child, NULL, 0) > 0)
		continue;
}

void process_sleep(void)
{
	for (;;)
		pause();
}

void clear_away(struct side *side)
{
	struct xsock_options options = with_platform(side, NULL);
	struct xsock *listener = xsock_listen("broom", &options);

	CHECK(listener);
	CHECK_RESULT(xsock_close(listener), 0);
}
