/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sides.h"

#include "fail.h"
#include "placement.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static sigset_t watched; /* a child's end, and those that end this process */

static __attribute__((noreturn)) void play(const struct plan *plan, struct shared *shared,
					   enum side side, pid_t parent)
{
	/* A side alone would wait for ever. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
		_exit(1);
	if (sigprocmask(SIG_UNBLOCK, &watched, NULL))
		fail_errno("sigprocmask");
	place(plan->placement, side);
	if (side == SIDE_LISTENS && plan->peer->listen)
		plan->peer->listen(plan);
	meet_slowly(shared);
	plan->scenario->side[side](plan, shared);
	exit(0);
}

static void end_all(const pid_t process[2])
{
	for (int side = 0; side < 2; side++) {
		if (process[side] > 0 && !kill(process[side], SIGKILL))
			waitpid(process[side], NULL, 0);
	}
}

/* Takes back children that ended; false when one failed. */
static bool take_back(pid_t process[2], int *left)
{
	for (int side = 0; side < 2; side++) {
		int status;

		if (process[side] <= 0 || waitpid(process[side], &status, WNOHANG) != process[side])
			continue;
		process[side] = 0;
		--*left;
		if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
			return false;
	}
	return true;
}

/* Until the time of `deadline`; the signal, or -1. */
static int next_signal(double deadline)
{
	double left = deadline - now();
	struct timespec wait;

	if (left <= 0)
		return -1;
	wait.tv_sec = (time_t)left;
	wait.tv_nsec = (long)((left - (double)wait.tv_sec) * 1e9);
	return sigtimedwait(&watched, NULL, &wait);
}

static void await_both(const struct plan *plan, pid_t process[2], double deadline)
{
	int left = 2;

	while (left > 0) {
		int number = next_signal(deadline);
		bool expired = number < 0 && now() >= deadline;

		if (number == SIGCHLD && take_back(process, &left))
			continue;
		if (number < 0 && !expired)
			continue;
		end_all(process);
		if (expired)
			fail("%s, %s: not done after %u s", plan->peer->name, plan->scenario->name,
			     plan->limit);
		if (number == SIGCHLD)
			fail("%s, %s: a side failed", plan->peer->name, plan->scenario->name);
		fail("ended by a signal");
	}
}

static void watch_signals(void)
{
	sigemptyset(&watched);
	sigaddset(&watched, SIGCHLD);
	sigaddset(&watched, SIGINT);
	sigaddset(&watched, SIGTERM);
	sigaddset(&watched, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &watched, NULL))
		fail_errno("sigprocmask");
}

void sides_run(const struct plan *plan, struct shared *shared)
{
	double deadline = now() + plan->limit;
	pid_t process[2] = { 0, 0 }, parent = getpid();

	watch_signals();
	for (int side = 0; side < 2; side++) {
		process[side] = fork();
		if (process[side] == 0)
			play(plan, shared, (enum side)side, parent);
		if (process[side] < 0) {
			int reason = errno;

			end_all(process);
			errno = reason;
			fail_errno("fork");
		}
	}
	if (plan->scenario->watch)
		plan->scenario->watch(plan, shared, process);
	await_both(plan, process, deadline);
}
