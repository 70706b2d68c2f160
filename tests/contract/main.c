/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The contract of platform.h, against the platforms. Without arguments: both sides here, on the
 * local platform. With
 * --side: one side, the other one runs in another domain. Output: TAP.
 */
#include "side.h"

#include "base/error.h"
#include "support/directory.h"
#include "support/leaks.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char usage[] =
	"usage: contract [--list] [SCENARIO]\n"
	"       contract --side a|b --peer DOMAIN [--platform NAME] [SCENARIO]\n";

static void run_side(const struct scenario *scenario, char letter, unsigned peer, const char *name)
{
	struct side side = { .scenario = scenario->name, .letter = letter, .peer = peer };
	struct leaks before;

	alarm(BEGIN_LIMIT + SCENARIO_LIMIT);
	leaks_take(&before);
	side.before = &before;
	CHECK_RESULT(platform_get(name, &side.platform), 0);
	side.ops = side.platform->ops;
	side.self = side.platform->self;
	begin(&side);
	alarm(SCENARIO_LIMIT);
	(letter == 'a' ? scenario->a : scenario->b)(&side);
	end(&side);
	platform_put(side.platform);
	CHECK(leaks_none(&before, stdout));
	leaks_free(&before);
}

static pid_t start_side(const struct scenario *scenario, char letter, unsigned peer,
			const char *name)
{
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		run_side(scenario, letter, peer, name);
		exit(0);
	}
	return child;
}

static bool ended_well(pid_t child, char letter)
{
	int status = 0;

	if (child < 0 || waitpid(child, &status, 0) < 0)
		return false;
	if (WIFSIGNALED(status))
		printf("# %c: ended by signal %d%s\n", letter, WTERMSIG(status),
		       WTERMSIG(status) == SIGALRM ? " (time limit)" : "");
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* -- both sides here ------------------------------------------------------------------------ */

static bool run_here(const struct scenario *scenario)
{
	char directory[] = "/dev/shm/xsock-contract-XXXXXX";
	pid_t a, b;
	bool good;

	if (!directory_make(directory))
		return false;
	directory_play(1);
	a = start_side(scenario, 'a', 2, NULL);
	directory_play(2);
	b = start_side(scenario, 'b', 1, NULL);
	good = ended_well(a, 'a');
	good = ended_well(b, 'b') && good;
	good = good && directory_is_clean(directory, stdout);
	directory_remove(directory);
	return good;
}

/* -- the command ---------------------------------------------------------------------------- */

struct request {
	const char *only, *platform;
	char letter; /* 0: both sides here */
	unsigned peer;
};

static bool parse(int argc, char **argv, struct request *request)
{
	static const struct option options[] = { { "list", no_argument, NULL, 'l' },
						 { "side", required_argument, NULL, 's' },
						 { "peer", required_argument, NULL, 'p' },
						 { "platform", required_argument, NULL, 'f' },
						 { 0 } };
	bool peer_known = false;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		if (option == 'l') {
			for (const struct scenario *at = scenarios; at->name; at++)
				puts(at->name);
			exit(0);
		} else if (option == 's') {
			request->letter = optarg[0];
		} else if (option == 'p') {
			request->peer = (unsigned)strtoul(optarg, NULL, 10);
			peer_known = true;
		} else if (option == 'f') {
			request->platform = optarg;
		} else {
			return false;
		}
	}
	request->only = argv[optind];
	return request->letter ? peer_known && strchr("ab", request->letter) : !request->platform;
}

static bool run(const struct scenario *scenario, const struct request *request)
{
	if (!request->letter)
		return run_here(scenario);
	return ended_well(start_side(scenario, request->letter, request->peer, request->platform),
			  request->letter);
}

int main(int argc, char **argv)
{
	struct request request = { 0 };
	unsigned count = 0, failed = 0;

	if (!parse(argc, argv, &request)) {
		fputs(usage, stderr);
		return 2;
	}
	for (const struct scenario *at = scenarios; at->name; at++) {
		bool good;

		if (request.only && strcmp(request.only, at->name))
			continue;
		good = run(at, &request);
		count++;
		failed += !good;
		printf("%s %u - %s\n", good ? "ok" : "not ok", count, at->name);
		fflush(stdout);
	}
	if (count == 0)
		fprintf(stderr, "contract: no scenario is called that; see --list\n");
	printf("1..%u\n", count);
	return count == 0 || failed ? 1 : 0;
}
