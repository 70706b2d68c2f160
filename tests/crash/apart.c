/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "apart.h"

#include "contract/side.h"
#include "death.h"
#include "integration/stream.h"
#include "survivor.h"
#include "victim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LIVES 100000
#define LIFE 400000u /* us until a victim is killed, at most; an emulated domain is slow */
#define LIMIT 60     /* seconds */

static struct plan plan_of(unsigned pair, uint64_t *random)
{
	struct plan plan;

	plan_draw(&plan, random);
	plan.victim_listens = pair & 1;
	plan.victim_grants = pair & 2;
	plan.longest = 100000;
	/* There is to be something to compare. */
	if (plan.flow == FLOW_TO_VICTIM)
		plan.flow = FLOW_FROM_VICTIM;
	return plan;
}

static void be_survivor(const struct plan *plan, unsigned peer, uint64_t seed)
{
	struct survivor survivor = { .plan = plan,
				     .peer = peer,
				     .seed = seed,
				     .account = account_new(),
				     .orders = STDIN_FILENO,
				     .reports = STDOUT_FILENO,
				     .patient = true };

	survivor.account->elsewhere = true;
	survivor_run(&survivor);
}

static int kill_victims(const struct plan *plan, unsigned peer, uint64_t seed, unsigned count)
{
	struct account *account = account_new();

	for (unsigned at = 0; at < count; at++) {
		struct death death = { .delay = (unsigned)stream_random(&seed, LIFE) };
		uint64_t own = stream_random(&seed, UINT64_MAX);
		pid_t child = fork();

		if (child == 0) {
			alarm(LIMIT);
			victim_run(plan, peer, own, LIVES, account);
		}
		if (death_come(child, &death, account) != DEATH_KILLED)
			return 1;
		printf("victim %llu %llu %llu phase %d\n", (unsigned long long)account->tag,
		       (unsigned long long)account->begun, (unsigned long long)account->done,
		       account->phase);
		fflush(stdout);
	}
	return 0;
}

int apart_run(int argc, char **argv)
{
	bool survives = argc == 5 && strcmp(argv[1], "survivor") == 0;
	bool dies = argc == 6 && strcmp(argv[1], "victims") == 0;
	struct plan plan;
	unsigned peer;
	uint64_t seed;

	if (!survives && !dies)
		return -1;
	peer = (unsigned)strtoul(argv[2], NULL, 10);
	seed = strtoull(argv[3], NULL, 10);
	plan = plan_of((unsigned)strtoul(argv[4], NULL, 10), &seed);
	fprintf(stderr, "plan: %s\n", plan_words(&plan));
	if (survives)
		be_survivor(&plan, peer, seed);
	return kill_victims(&plan, peer, seed, (unsigned)strtoul(argv[5], NULL, 10));
}
