/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Threads against each other in one process under libxsock-preload, which has both ends of its
 * connections.
 *
 *      races [--seconds N] [CASE-MODE...]
 *
 * Modes: "late" moves to the ring among the threads' calls, "ring" before the first of them,
 * "chaos" leaves it and comes back all the time. The calls go past the sanitizer's own ones
 * (real.h): for those a number that two threads use is a race, and each read synchronises with all
 * writes.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cases.h"
#include "preload/real.h"
#include "support/directory.h"

#define ROUNDS_MOST 50
#define LONGEST 60 /* s, of what a round may take before it counts as hung */

static const struct {
	const char *name;
	void (*round)(void);
} cases[] = {
	{ "duplex", case_duplex }, { "shutdown", case_shutdown }, { "close", case_close },
	{ "accept", case_accept }, { "fork", case_fork },
};
#define CASES (sizeof cases / sizeof cases[0])

static const char *const modes[] = { "late", "ring", "chaos" };
#define MODES (sizeof modes / sizeof modes[0])

static char directory[] = "/tmp/xsock-races.XXXXXX";
static int seconds;

/* How many lines of the log say that a connection came on to the ring. */
static unsigned rings_seen(void)
{
	const char *path = getenv("XSOCK_RUN_LOG");
	char line[512];
	unsigned count = 0;
	FILE *log = fopen(path, "r");

	while (log != NULL && fgets(line, sizeof line, log) != NULL)
		count += strstr(line, ": on the ring") != NULL;
	if (log != NULL)
		fclose(log);
	return count;
}

/* ------------------------------------------------------------------ under the library */

/* At least one round, and where connections begin on TCP, until one came on to the ring. */
static int run_rounds(void (*round)(void))
{
	time_t end = time(NULL) + seconds;
	unsigned rounds = 0;

	real_resolve();
	/* Not for the program that gives the sanitizer's addresses their names. */
	unsetenv("LD_PRELOAD");
	do {
		alarm(LONGEST);
		round();
		rounds++;
	} while (time(NULL) < end || (rounds < ROUNDS_MOST && rings_seen() == 0));
	printf("# %u rounds\n", rounds);
	return 0;
}

/* ------------------------------------------------------------------ around it */

static void in_directory(char path[64], const char *name)
{
	snprintf(path, 64, "%s/%s", directory, name);
}

static bool make_world(void)
{
	char path[64];
	FILE *hosts;

	if (!directory_make(directory))
		return false;
	directory_play(1);
	in_directory(path, "hosts");
	hosts = fopen(path, "w");
	if (hosts == NULL || fputs("127.0.0.1 1\n", hosts) < 0 || fclose(hosts) != 0)
		return false;
	setenv("XSOCK_HOSTS", path, 1);
	in_directory(path, "log");
	setenv("XSOCK_RUN_LOG", path, 1);
	setenv("XSOCK_RUN_SELF", "1", 1);
	return true;
}

/* What xsock-run sets; but a sanitizer's library, where it is one of its own, comes first. */
static void set_mode(const char *mode)
{
	if (strcmp(mode, "late") != 0)
		setenv("XSOCK_RUN_WAIT", "5000", 1);
	if (strcmp(mode, "chaos") == 0)
		setenv("XSOCK_RUN_CHAOS", "20", 1);
	setenv("LD_PRELOAD", getenv("XSOCK_PRELOAD"), 1);
}

static bool run_case(const char *program, size_t which, const char *mode)
{
	char number[12], length[12];
	int status = -1;
	unsigned rings;
	pid_t child;

	fflush(stdout);
	snprintf(number, sizeof number, "%zu", which);
	snprintf(length, sizeof length, "%d", seconds);
	child = fork();
	if (child == 0) {
		set_mode(mode);
		execl(program, program, "--inside", number, length, (char *)NULL);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return false;
	rings = rings_seen();
	unlink(getenv("XSOCK_RUN_LOG"));
	printf("# on the ring %u times\n", rings);
	if (WIFSIGNALED(status))
		printf("# ended by signal %d%s\n", WTERMSIG(status),
		       WTERMSIG(status) == SIGALRM ? ": it hung" : "");
	else if (WEXITSTATUS(status) != 0)
		printf("# exit status %d\n", WEXITSTATUS(status));
	return status == 0 && rings > 0;
}

static bool is_wanted(int count, char *wanted[], const char *name)
{
	for (int at = 0; at < count; at++)
		if (strcmp(wanted[at], name) == 0)
			return true;
	return count == 0;
}

static int run_all(const char *program, int count, char *wanted[])
{
	unsigned ran = 0, failed = 0;
	char name[32];

	for (size_t which = 0; which < CASES; which++)
		for (size_t mode = 0; mode < MODES; mode++) {
			bool good;

			snprintf(name, sizeof name, "%s-%s", cases[which].name, modes[mode]);
			if (!is_wanted(count, wanted, name))
				continue;
			good = run_case(program, which, modes[mode]);
			failed += !good;
			printf("%s %u - %s\n", good ? "ok" : "not ok", ++ran, name);
		}
	printf("1..%u\n", ran);
	return failed > 0 || ran == 0;
}

int main(int count, char *arguments[])
{
	int first = 1, result;

	if (count == 4 && strcmp(arguments[1], "--inside") == 0) {
		seconds = atoi(arguments[3]);
		return run_rounds(cases[atoi(arguments[2])].round);
	}
	if (count > 2 && strcmp(arguments[1], "--seconds") == 0) {
		seconds = atoi(arguments[2]);
		first = 3;
	}
	if (!make_world()) {
		perror("# cannot make a world");
		return 1;
	}
	result = run_all(arguments[0], count - first, arguments + first);
	directory_remove(directory);
	return result;
}
