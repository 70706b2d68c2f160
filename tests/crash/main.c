/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Deaths at any moment, on the local platform: see usage. Output: TAP. The same seed gives the same
 * plans; the moment of a random death is a time, and so only about the same.
 */
#include "apart.h"
#include "group.h"
#include "restart.h"

#include "integration/stream.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
	"usage: crash [--kills N] [--calls N] [--steps N] [--restarts N] [--seed S] [--stride N]\n"
	"             [--group N] [--patient] [--progress]\n"
	"  --kills N     that many processes killed at a random time\n"
	"  --calls N     so many plans, with one kill at each beginning and end of a system call\n"
	"  --stride N    of those only each N-th\n"
	"  --steps N     that many killed some instructions after a system call\n"
	"  --restarts N  that many deaths of a listener amid its clients' attempts\n"
	"  --group N     only this group of the kills: to see a failure again\n"
	"  --patient     survivors forget dead connectors with their listener open, in five seconds\n" APART_USAGE;

struct request {
	unsigned kills, calls, steps, restarts, stride;
	long group; /* -1: all */
	uint64_t seed;
	bool patient, progress;
};

struct tally {
	unsigned groups, killed, late, phases[PHASES], results;
	bool failed;
};

#define VICTIMS 10    /* of one survivor */
#define LIVES 100000  /* more than any victim lives to see */
#define DELAY_BITS 16 /* up to 65 ms */
#define LATE_IN_A_ROW 3
/* Of one survivor: the dead ones' requests, which its listener keeps for five seconds, make more
 * calls. */
#define SWEPT 40
#define STEPS 4096 /* instructions after a call, at most */

static void show_progress(const struct request *request, const struct tally *tally,
			  const char *what)
{
	if (request->progress)
		fprintf(stderr, "\r%s: %u killed in %u groups%s ", what, tally->killed,
			tally->groups, tally->failed ? ", FAILED" : "");
}

/* ------------------------------------------------------------------ groups */

static void draw(struct group *group, const struct request *request, unsigned number)
{
	group->seed = request->seed * 1000003 + number;
	group->patient = request->patient;
	plan_draw(&group->plan, &group->seed);
}

/* The four pairs of who listens and who grants in turn, and little to send: each call counts. */
static void draw_short(struct group *group, const struct request *request, unsigned number)
{
	draw(group, request, number);
	group->plan.victim_listens = number & 1;
	group->plan.victim_grants = (number >> 1) & 1;
	group->plan.longest = 10000;
	group->plan.early = false;
}

static bool kill_one(struct group *group, const struct death *death, unsigned lives,
		     struct tally *tally, enum death_result *result)
{
	*result = group_kill(group, death, lives);
	tally->killed += *result == DEATH_KILLED;
	tally->late += *result == DEATH_TOO_LATE;
	if (*result == DEATH_KILLED)
		tally->phases[group->account->phase]++;
	return *result != DEATH_BAD;
}

static void end_group(struct group *group, bool good, struct tally *tally)
{
	good = group_end(group) && good;
	if (!good) {
		printf("# group %u (%s) failed; its victim %u was to die after %u us, or at stop %u and "
		       "%u instructions\n",
		       tally->groups, plan_words(&group->plan), group->victims, group->last.delay,
		       group->last.stop, group->last.instructions);
		fflush(stdout);
		tally->failed = true;
	}
	tally->groups++;
}

static void kill_at_random(const struct request *request, struct account *account,
			   struct tally *tally)
{
	while (tally->groups * VICTIMS < request->kills && !tally->failed) {
		struct group group = { .account = account };
		enum death_result result;
		bool good;

		draw(&group, request, tally->groups);
		if (request->group >= 0 && request->group != (long)tally->groups) {
			tally->groups++;
			continue;
		}
		good = group_begin(&group);
		for (unsigned victim = 0; good && victim < VICTIMS; victim++) {
			uint64_t most = (uint64_t)1 << (DELAY_BITS - stream_random(&group.seed, 8));
			struct death death = { .delay =
						       (unsigned)stream_random(&group.seed, most) };

			good = kill_one(&group, &death, LIVES, tally, &result);
			show_progress(request, tally, "random");
		}
		end_group(&group, good, tally);
	}
}

/* Some more stops of one plan; how many victims in a row came to their end before theirs. */
static unsigned sweep(const struct request *request, unsigned plan, unsigned *stop, unsigned late,
		      struct account *account, struct tally *tally)
{
	struct group group = { .account = account };
	bool good;

	draw_short(&group, request, plan);
	good = group_begin(&group);
	for (unsigned victim = 0; good && victim < SWEPT && late < LATE_IN_A_ROW; victim++) {
		struct death death = { .traced = true, .stop = *stop };
		enum death_result result;

		good = kill_one(&group, &death, 1, tally, &result);
		late = result == DEATH_TOO_LATE ? late + 1 : 0;
		*stop += request->stride;
		show_progress(request, tally, "calls");
	}
	end_group(&group, good, tally);
	return late;
}

static void kill_at_calls(const struct request *request, struct account *account,
			  struct tally *tally)
{
	for (unsigned plan = 0; plan < request->calls; plan++) {
		uint64_t random = request->seed + plan;
		unsigned stop = (unsigned)stream_random(&random, request->stride), late = 0;

		while (late < LATE_IN_A_ROW && !tally->failed)
			late = sweep(request, plan, &stop, late, account, tally);
	}
}

/* Up to how many stops a short life may have; beyond its end there is nobody left to kill. */
#define STOPS 400

static void kill_at_steps(const struct request *request, struct account *account,
			  struct tally *tally)
{
	while (tally->groups * VICTIMS < request->steps && !tally->failed) {
		struct group group = { .account = account };
		enum death_result result;
		bool good;

		draw_short(&group, request, tally->groups);
		good = group_begin(&group);
		for (unsigned victim = 0; good && victim < VICTIMS; victim++) {
			struct death death = { .traced = true,
					       .stop = (unsigned)stream_random(&group.seed, STOPS),
					       .instructions = 1 + (unsigned)stream_random(
									   &group.seed, STEPS) };

			good = kill_one(&group, &death, 2, tally, &result);
			show_progress(request, tally, "steps");
		}
		end_group(&group, good, tally);
	}
}

static void kill_listeners(const struct request *request, struct account *account,
			   struct tally *tally)
{
	tally->failed = !restart_many(request->seed, request->restarts, account);
	tally->killed = request->restarts + 1;
}

/* ------------------------------------------------------------------ the command */

static void report(const char *what, const struct account *account, const struct tally *tally,
		   unsigned number)
{
	printf("# %u killed (%u starting, %u opening, %u moving bytes, %u closing), %u ended before; %u "
	       "survivors: %llu connections whole, %llu reset, %llu attempts turned away, %llu "
	       "bytes right, the slowest heard of a death after %.1f ms\n",
	       tally->killed, tally->phases[PHASE_STARTING], tally->phases[PHASE_OPENING],
	       tally->phases[PHASE_MOVING], tally->phases[PHASE_CLOSING], tally->late,
	       tally->groups, (unsigned long long)account->whole,
	       (unsigned long long)account->reset, (unsigned long long)account->turned,
	       (unsigned long long)account->bytes, (double)account->slowest / 1000);
	printf("%s %u - %s\n", tally->failed ? "not ok" : "ok", number, what);
	fflush(stdout);
}

static bool run(const struct request *request, unsigned wanted, const char *what, unsigned *number,
		void (*kill_some)(const struct request *, struct account *, struct tally *))
{
	struct account *account;
	struct tally tally = { 0 };

	if (wanted == 0)
		return true;
	account = account_new();
	kill_some(request, account, &tally);
	if (request->progress)
		fputc('\n', stderr);
	report(what, account, &tally, ++*number);
	account_free(account);
	return !tally.failed;
}

static bool parse_number(const char *text, unsigned long *number)
{
	char *end;

	errno = 0;
	*number = strtoul(text, &end, 10);
	if (errno == 0 && *end == '\0' && *text >= '0' && *text <= '9' && *number <= UINT_MAX)
		return true;
	fprintf(stderr, "crash: '%s' is not a number from 0 to %u\n", text, UINT_MAX);
	return false;
}

static bool parse(int argc, char **argv, struct request *request)
{
	static const struct option options[] = { { "kills", required_argument, NULL, 'k' },
						 { "calls", required_argument, NULL, 'c' },
						 { "steps", required_argument, NULL, 's' },
						 { "restarts", required_argument, NULL, 'r' },
						 { "stride", required_argument, NULL, 't' },
						 { "group", required_argument, NULL, 'g' },
						 { "seed", required_argument, NULL, 'S' },
						 { "patient", no_argument, NULL, 'p' },
						 { "progress", no_argument, NULL, 'P' },
						 { 0 } };
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		unsigned long number = 0;

		if (optarg != NULL && !parse_number(optarg, &number))
			return false;
		switch (option) {
		case 'k':
			request->kills = (unsigned)number;
			break;
		case 'c':
			request->calls = (unsigned)number;
			break;
		case 's':
			request->steps = (unsigned)number;
			break;
		case 'r':
			request->restarts = (unsigned)number;
			break;
		case 't':
			request->stride = number ? (unsigned)number : 1;
			break;
		case 'g':
			request->group = (long)number;
			break;
		case 'S':
			request->seed = number;
			break;
		case 'p':
			request->patient = true;
			break;
		case 'P':
			request->progress = true;
			break;
		default:
			return false;
		}
	}
	return optind == argc;
}

/* What the allocator keeps for the next call would look like a leak; it takes this at the start. */
static void start_again(char **argv)
{
	if (getenv("GLIBC_TUNABLES"))
		return;
	setenv("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0", 1);
	execv("/proc/self/exe", argv);
}

int main(int argc, char **argv)
{
	struct request request = { .seed = 1, .stride = 1, .group = -1 };
	unsigned number = 0;
	int status = apart_run(argc, argv);
	bool good;

	if (status >= 0)
		return status;
	if (!parse(argc, argv, &request)) {
		fputs(usage, stderr);
		return 2;
	}
	start_again(argv);
	/* A survivor that failed takes no more orders. */
	signal(SIGPIPE, SIG_IGN);
	good = run(&request, request.kills, "killed at random times", &number, kill_at_random);
	good = run(&request, request.calls, "killed at each system call", &number, kill_at_calls) &&
	       good;
	good = run(&request, request.steps, "killed between two instructions", &number,
		   kill_at_steps) &&
	       good;
	good = run(&request, request.restarts, "a listener killed and restarted amid its clients",
		   &number, kill_listeners) &&
	       good;
	printf("1..%u\n", number);
	return good ? 0 : 1;
}
