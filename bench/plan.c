/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan.h"

#include "peer.h"
#include "scenario.h"

#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SIZE_MAX_ASKED ((unsigned long long)64 << 20)
#define BATCH_MAX 1024u

enum { OPTION_LIST = 256, OPTION_LIMIT, OPTION_RATE };

static const struct argp_option options[] = {
	{ "peer", 'p', "NAME", 0, "What moves the bytes (default: xsock)", 0 },
	{ "scenario", 's', "NAME", 0, "What is measured (default: throughput)", 0 },
	{ "size", 'm', "BYTES", 0, "Of a message, a multiple of 64; K and M are understood (64)",
	  0 },
	{ "ring", 'r', "BYTES", 0, "Buffer each way (128K)", 0 },
	{ "place", 'c', "HOW", 0, "two, one (processors) or free (two)", 0 },
	{ "wait", 'w', "HOW", 0, "Round trips: sleep, adaptive or spin (sleep)", 0 },
	{ "touch", 't', "HOW", 0, "line: a byte of each cache line; all: every byte (line)", 0 },
	{ "seconds", 'd', "SECONDS", 0, "Measured time (0.3)", 0 },
	{ "connections", 'n', "COUNT", 0, "Where a scenario has several (1)", 0 },
	{ "rate", OPTION_RATE, "COUNT", 0, "Paced: messages a second (10000)", 0 },
	{ "limit", OPTION_LIMIT, "SECONDS", 0, "Give up after that long (60)", 0 },
	{ "list", OPTION_LIST, NULL, 0, "Print the names of peers and scenarios", 0 },
	{ 0 }
};

const char *waiting_name(enum waiting waiting)
{
	static const char *const names[] = { "sleep", "adaptive", "spin" };

	return names[waiting];
}

static unsigned long long number(struct argp_state *state, const char *name, const char *text,
				 unsigned long long lowest, unsigned long long highest)
{
	unsigned long long value;
	char *behind;

	errno = 0;
	value = strtoull(text, &behind, 10);
	if (*behind == 'K' || *behind == 'M') {
		unsigned shift = *behind++ == 'K' ? 10 : 20;

		value = value > highest ? highest + 1 : value << shift;
	}
	if (errno || *text < '0' || *text > '9' || *behind || value < lowest || value > highest)
		argp_error(state, "--%s is \"%s\", not a number from %llu to %llu", name, text,
			   lowest, highest);
	return value;
}

static double seconds(struct argp_state *state, const char *text)
{
	char *behind;
	double value = strtod(text, &behind);

	if (behind == text || *behind || !(value >= 0.001 && value <= 3600))
		argp_error(state, "--seconds is \"%s\", not a number from 0.001 to 3600", text);
	return value;
}

static int choice(struct argp_state *state, const char *name, const char *text,
		  const char *const *names)
{
	for (int i = 0; names[i]; i++) {
		if (!strcmp(names[i], text))
			return i;
	}
	argp_error(state, "--%s cannot be \"%s\"; see --help", name, text);
	return 0;
}

static void list(void)
{
	for (const struct peer *const *at = peers; *at; at++)
		printf("peer %s %s\n", (*at)->name, (*at)->kind);
	for (const struct scenario *const *at = scenarios; *at; at++)
		printf("scenario %s\n", (*at)->name);
	exit(0);
}

/* As many messages as one call takes. */
static unsigned batch_of(const struct plan *plan)
{
	size_t batch = plan->peer->batch_bytes / plan->size;

	if (batch == 0)
		return 1;
	return batch < BATCH_MAX ? (unsigned)batch : BATCH_MAX;
}

static void conclude(struct plan *plan, struct argp_state *state)
{
	if (plan->size % 64)
		argp_error(state, "--size is %zu, not a multiple of 64", plan->size);
	if (plan->scenario == &memory && plan->connections < 2)
		argp_error(state, "memory is what more connections take: --connections from 2 on");
	if (plan->scenario == &both_ways && plan->size > plan->ring / 2)
		argp_error(state, "both ways at once a message takes half the ring at most");
	plan->batch = batch_of(plan);
	/* Who makes its payload in the ring makes all of it, or it would win by not writing. */
	if (plan->peer->produce && plan->scenario == &throughput)
		plan->touch_all = true;
}

static error_t parse(int key, char *text, struct argp_state *state)
{
	static const char *const places[] = { "two", "one", "free", NULL };
	static const char *const waits[] = { "sleep", "adaptive", "spin", NULL };
	static const char *const touches[] = { "line", "all", NULL };
	struct plan *plan = state->input;

	switch (key) {
	case 'p':
		plan->peer = peer_named(text);
		if (!plan->peer)
			argp_error(state, "no peer is called \"%s\"; see --list", text);
		return 0;
	case 's':
		plan->scenario = scenario_named(text);
		if (!plan->scenario)
			argp_error(state, "no scenario is called \"%s\"; see --list", text);
		return 0;
	case 'm':
		plan->size = number(state, "size", text, 64, SIZE_MAX_ASKED);
		return 0;
	case 'r':
		plan->ring = number(state, "ring", text, 4096, SIZE_MAX_ASKED);
		return 0;
	case 'c':
		plan->placement = (enum placement)choice(state, "place", text, places);
		return 0;
	case 'w':
		plan->waiting = (enum waiting)choice(state, "wait", text, waits);
		return 0;
	case 't':
		plan->touch_all = choice(state, "touch", text, touches) == 1;
		return 0;
	case 'd':
		plan->seconds = seconds(state, text);
		return 0;
	case 'n':
		plan->connections = (unsigned)number(state, "connections", text, 1, 1024);
		return 0;
	case OPTION_RATE:
		plan->rate = (unsigned)number(state, "rate", text, 1, 1000000);
		return 0;
	case OPTION_LIMIT:
		plan->limit = (unsigned)number(state, "limit", text, 1, 86400);
		return 0;
	case OPTION_LIST:
		list();
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "\"%s\" is not an option", text);
		return 0;
	case ARGP_KEY_END:
		conclude(plan, state);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

const struct argp plan_parser = {
	.options = options,
	.parser = parse,
	.doc = "Measures one way to move bytes between two processes and prints one JSON object. "
	       "Status 77: this peer, or this machine, cannot do what is asked.",
};

struct plan plan_by_default(void)
{
	return (struct plan){
		.peer = peers[0],
		.scenario = scenarios[0],
		.size = 64,
		.ring = (size_t)128 << 10,
		.seconds = 0.3,
		.connections = 1,
		.rate = 10000,
		.limit = 60,
		.platform = "local",
		.home = { [SIDE_LISTENS] = { 0, "127.0.0.1" },
			  [SIDE_CONNECTS] = { 1, "127.0.0.1" } },
	};
}

void plan_from_arguments(struct plan *plan, int argc, char **argv)
{
	*plan = plan_by_default();
	argp_err_exit_status = 2;
	argp_parse(&plan_parser, argc, argv, 0, NULL, plan);
}
