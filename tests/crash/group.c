/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "group.h"

#include "integration/stream.h"
#include "support/directory.h"
#include "survivor.h"
#include "victim.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SURVIVOR 1u
#define VICTIM 2u
#define NOBODY "9/nobody"
#define VICTIM_LIMIT 40   /* seconds */
#define CONNECT_LIMIT 300 /* ms */

/* ------------------------------------------------------------------ processes */

static void be_survivor(const struct group *group, int orders, int reports)
{
	struct survivor survivor = { .plan = &group->plan,
				     .peer = VICTIM,
				     .seed = group->seed,
				     .account = group->account,
				     .orders = orders,
				     .reports = reports,
				     .connect_limit = CONNECT_LIMIT,
				     .patient = group->patient };

	signal(SIGPIPE, SIG_DFL);
	directory_play(SURVIVOR);
	survivor_run(&survivor);
}

static void be_victim(struct group *group, const struct death *death, unsigned lives)
{
	/* The survivor would take this end of its orders for the last one's. */
	close(group->orders);
	close(group->reports);
	signal(SIGPIPE, SIG_DFL);
	directory_play(VICTIM);
	alarm(VICTIM_LIMIT);
	if (death->traced && !death_let_trace())
		_exit(77);
	victim_run(&group->plan, SURVIVOR, stream_random(&group->seed, UINT64_MAX), lives,
		   group->account);
}

bool group_use(unsigned domain)
{
	pid_t child = fork();
	int status = -1;

	if (child == 0) {
		directory_play(domain);
		_exit(xsock_connect(NOBODY, NULL) || errno != EHOSTUNREACH);
	}
	return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

/* ------------------------------------------------------------------ the group */

static bool survivor_says(const struct group *group, char expected)
{
	char said = 0;

	return read(group->reports, &said, 1) == 1 && said == expected;
}

bool group_begin(struct group *group)
{
	int orders[2], reports[2];

	strcpy(group->directory, "/dev/shm/xsock-crash-XXXXXX");
	if (!directory_make(group->directory) || pipe(orders) || pipe(reports))
		abort();
	group->account->killed = 0;
	fflush(stdout);
	group->survivor = fork();
	if (group->survivor == 0) {
		close(orders[1]);
		close(reports[0]);
		be_survivor(group, orders[0], reports[1]);
	}
	close(orders[0]);
	close(reports[1]);
	group->orders = orders[1];
	group->reports = reports[0];
	return survivor_says(group, 'b');
}

enum death_result group_kill(struct group *group, const struct death *death, unsigned lives)
{
	enum death_result result;
	pid_t child;

	group->victims++;
	group->last = *death;
	account_begin(group->account);
	/* The next one's randomness is another. */
	stream_random(&group->seed, 2);
	fflush(stdout);
	child = fork();
	if (child == 0)
		be_victim(group, death, lives);
	result = child < 0 ? DEATH_BAD : death_come(child, death, group->account);
	if (write(group->orders, "o", 1) != 1 || !survivor_says(group, 'd'))
		return DEATH_BAD;
	return result;
}

bool group_end(struct group *group)
{
	int status = -1;
	bool clean;

	close(group->orders);
	close(group->reports);
	waitpid(group->survivor, &status, 0);
	if (status != 0)
		printf("# the survivor ended with %s %d\n",
		       WIFSIGNALED(status) ? "signal" : "status",
		       WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	clean = group_use(VICTIM) && group_use(SURVIVOR) &&
		directory_is_clean(group->directory, stdout);
	if (!clean)
		printf("# left behind\n");
	directory_remove(group->directory);
	return status == 0 && clean;
}
