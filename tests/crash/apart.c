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
#define LONGEST 1000000u    /* bytes: moving them takes longer than set-up and close */
#define LIMIT 60            /* seconds that a victim may live */
#define PATIENCE 20         /* seconds for its moment to come; then it is killed wherever it is */
#define CONNECT_LIMIT 10000 /* ms; emulated domains are slow */
#define LOOK 200            /* us between two looks whether the moment has come */

/* When a victim is killed: in that phase, once it has published so much, and up to so much later.
 */
struct moment {
	enum phase phase;
	uint64_t published;
	unsigned later; /* us */
};

static struct plan plan_of(unsigned pair, uint64_t *random)
{
	struct plan plan;

	plan_draw(&plan, random);
	plan.victim_listens = pair & 1;
	plan.victim_grants = pair & 2;
	plan.longest = LONGEST;
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
				     .connect_limit = CONNECT_LIMIT,
				     .patient = true };

	survivor.account->elsewhere = true;
	survivor_run(&survivor);
}

static pid_t start_victim(const struct plan *plan, unsigned peer, uint64_t *random,
			  struct account *account)
{
	uint64_t own = stream_random(random, UINT64_MAX);
	pid_t child;

	account_begin(account);
	child = fork();
	if (child != 0)
		return child;
	alarm(LIMIT);
	victim_run(plan, peer, own, LIVES, account);
}

/* Set-up, transfer and close in turn: times alone fall where an emulated domain spends its time. */
static struct moment draw_moment(unsigned turn, uint64_t *random)
{
	static const struct moment moments[] = {
		{ .phase = PHASE_OPENING, .later = 400000 },
		{ .phase = PHASE_MOVING, .published = LONGEST / 2, .later = 2000 },
		{ .phase = PHASE_CLOSING, .later = 500 },
		{ .phase = PHASE_MOVING, .published = LONGEST / 20, .later = 2000 },
	};
	struct moment moment = moments[turn % 4];

	if (moment.published > 0)
		moment.published = stream_random(random, moment.published);
	moment.later = (unsigned)stream_random(random, moment.later);
	return moment;
}

static bool has_come(const struct moment *moment, const struct account *account)
{
	return atomic_load(&account->phase) == (int)moment->phase &&
	       atomic_load(&account->done) >= moment->published;
}

static bool await(const struct moment *moment, const struct account *account)
{
	int64_t end = now_us() + PATIENCE * INT64_C(1000000);

	while (!has_come(moment, account) && now_us() < end)
		usleep(LOOK);
	return has_come(moment, account);
}

static int kill_victims(const struct plan *plan, unsigned peer, uint64_t seed, unsigned count)
{
	struct account *account = account_new();

	for (unsigned at = 0; at < count; at++) {
		struct moment moment = draw_moment(at, &seed);
		struct death death = { .delay = moment.later };
		pid_t child = start_victim(plan, peer, &seed, account);

		await(&moment, account);
		if (death_come(child, &death, account) != DEATH_KILLED)
			return 1;
		printf("victim %llu %llu %llu %s\n", (unsigned long long)account->tag,
		       (unsigned long long)account->begun, (unsigned long long)account->done,
		       account_phase(account));
		fflush(stdout);
	}
	return 0;
}

/* Its domain is destroyed meanwhile. */
static int live_on(const struct plan *plan, unsigned peer, uint64_t seed)
{
	const struct moment moment = { .phase = PHASE_MOVING, .published = 1 };
	const struct death end = { .delay = LIMIT / 2 * 1000000 };
	struct account *account = account_new();
	pid_t child = start_victim(plan, peer, &seed, account);

	if (await(&moment, account))
		puts("moving");
	fflush(stdout);
	return death_come(child, &end, account) == DEATH_KILLED ? 0 : 1;
}

int apart_run(int argc, char **argv)
{
	bool survives = argc == 5 && strcmp(argv[1], "survivor") == 0;
	bool dies = argc == 6 && strcmp(argv[1], "victims") == 0;
	bool lives = argc == 5 && strcmp(argv[1], "victim") == 0;
	struct plan plan;
	unsigned peer;
	uint64_t seed;

	if (!survives && !dies && !lives)
		return -1;
	peer = (unsigned)strtoul(argv[2], NULL, 10);
	seed = strtoull(argv[3], NULL, 10);
	plan = plan_of((unsigned)strtoul(argv[4], NULL, 10), &seed);
	fprintf(stderr, "plan: %s\n", plan_words(&plan));
	if (survives)
		be_survivor(&plan, peer, seed);
	if (lives)
		return live_on(&plan, peer, seed);
	return kill_victims(&plan, peer, seed, (unsigned)strtoul(argv[5], NULL, 10));
}
