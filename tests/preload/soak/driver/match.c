/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "match.h"

#include "edges.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *const names[WORLDS] = { "plain", "carried" };

bool match_start(struct match *match)
{
	for (int at = 0; at < WORLDS; at++)
		if (!world_start(&match->worlds[at], names[at], &match->setups[at]))
			return false;
	memset(match->holdings, 0, sizeof match->holdings);
	return true;
}

void match_stop(struct match *match)
{
	for (int at = 0; at < WORLDS; at++)
		world_stop(&match->worlds[at]);
}

void match_free(struct match *match)
{
	for (int at = 0; at < HISTORY; at++)
		free(match->history[at]);
	for (int at = 0; at < WORLDS; at++)
		if (match->traces[at])
			fclose(match->traces[at]);
	free(match->script);
	free(match->difference);
}

__attribute__((format(printf, 2, 3))) static void differs(struct match *match, const char *format,
							  ...)
{
	va_list arguments;

	free(match->difference);
	va_start(arguments, format);
	if (vasprintf(&match->difference, format, arguments) < 0)
		abort();
	va_end(arguments);
}

/* -- traces ----------------------------------------------------------------------------------- */

static void remember(struct match *match, size_t index)
{
	char **text = &match->history[index % HISTORY];

	free(*text);
	if (asprintf(text, "  #%zu %s", index, match->worlds[0].trace) < 0)
		abort();
	for (int at = 0; at < WORLDS; at++)
		if (match->traces[at])
			fprintf(match->traces[at], "#%zu %s\n", index, match->worlds[at].trace);
}

void match_print_history(const struct match *match, FILE *out)
{
	size_t first = match->count >= HISTORY ? match->count - HISTORY + 1 : 0;

	for (size_t index = first; index <= match->count; index++)
		if (match->history[index % HISTORY])
			fprintf(out, "%s\n", match->history[index % HISTORY]);
}

/* The operation's name, and what went wrong in itself. */
static void name_kind(struct match *match, const char *plain, const char *carried)
{
	const char *wrong = strstr(carried, "!!");

	snprintf(match->kind, sizeof match->kind, "%.*s%.*s", (int)strcspn(plain, ",\n"), plain,
		 wrong ? 12 : 0, wrong ? wrong : "");
}

/* Both traces are the same, and neither says that something is wrong in itself. */
static bool agree(struct match *match, size_t index)
{
	const char *plain = match->worlds[0].trace, *carried = match->worlds[1].trace;

	remember(match, index);
	if (!strstr(plain, "!!") && !match->worlds[0].broken &&
	    (strcmp(plain, carried) == 0 || edges_agree(plain, carried)))
		return true;
	differs(match, "operation #%zu\n  plain:   %s\n  carried: %s", index, plain, carried);
	name_kind(match, plain, carried);
	return false;
}

/* -- leaks ------------------------------------------------------------------------------------ */

#define GROWN_UP 3 /* scripts after which an actor has nearly all that it keeps */
#define SPARE 10   /* for what a later script needs for the first time; a leak comes to more soon */

static void count_holdings(struct world *world, enum end end, int variant, struct holding *now)
{
	struct request request = { .call = CALL_CENSUS, .variant = variant };
	struct reply reply;

	perform(world, end, MAIN, &request, &reply);
	now->descriptors = reply.value;
	now->mappings = reply.moved;
}

static bool holds_no_more(struct match *match, int at, enum end end)
{
	struct holding *then = &match->holdings[at][end], now = { 0 };
	struct world *world = &match->worlds[at];

	if (match->pids[at][end] != world->ends[end].pid)
		*then = (struct holding){ 0 };
	match->pids[at][end] = world->ends[end].pid;
	if (++then->scripts <= GROWN_UP) {
		count_holdings(world, end, 1, then);
		return true;
	}
	count_holdings(world, end, 0, &now);
	if (now.descriptors <= then->descriptors + SPARE && now.mappings <= then->mappings + SPARE)
		return true;
	differs(match,
		"leak in %s at end %c: %lld descriptors and %lld mappings, after %lld and %lld",
		world->name, end == A ? 'A' : 'B', (long long)now.descriptors,
		(long long)now.mappings, (long long)then->descriptors, (long long)then->mappings);
	count_holdings(world, end, 2, &now);
	snprintf(match->kind, sizeof match->kind, "leak");
	return false;
}

/* -- scripts ---------------------------------------------------------------------------------- */

static bool set_up(struct match *match, uint64_t seed)
{
	for (int at = 0; at < WORLDS; at++)
		script_set_up(&match->worlds[at], seed, &match->manner);
	match->count = 0;
	for (int at = 0; at < HISTORY; at++) {
		free(match->history[at]);
		match->history[at] = NULL;
	}
	return agree(match, 0);
}

static double seconds(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

void match_print_times(const struct match *match, FILE *out)
{
	for (int type = 0; type < operation_type_count; type++) {
		const struct expense *expense = &match->expenses[type];

		if (expense->count)
			fprintf(out, "%-12s %8llu times, %8.3f s plain, %8.3f s carried\n",
				operation_types[type].name, (unsigned long long)expense->count,
				expense->seconds[0], expense->seconds[1]);
	}
}

static bool run_one(struct match *match, const struct operation *operation)
{
	struct expense *expense = &match->expenses[operation->type];

	expense->count++;
	for (int at = 0; at < WORLDS; at++) {
		double begun = seconds();

		script_run(&match->worlds[at], operation);
		expense->seconds[at] += seconds() - begun;
	}
	match->script[match->count++] = *operation;
	match->operations++;
	return agree(match, match->count);
}

static bool clean_up(struct match *match)
{
	for (int at = 0; at < WORLDS; at++)
		script_clean_up(&match->worlds[at]);
	if (!agree(match, match->count + 1))
		return false;
	for (int at = 0; at < WORLDS; at++)
		for (int end = 0; end < ENDS; end++)
			if (!holds_no_more(match, at, (enum end)end))
				return false;
	match->scripts++;
	return true;
}

static void make_room(struct match *match, size_t length)
{
	free(match->script);
	match->script = calloc(length ? length : 1, sizeof *match->script);
	if (!match->script)
		abort();
}

bool match_script(struct match *match, uint64_t seed, size_t length)
{
	struct operation operation;
	struct script script;

	make_room(match, length);
	script_begin(&script, seed, match->only, match->without);
	if (!set_up(match, seed))
		return false;
	while (match->count < length && script_next(&script, &match->worlds[0], &operation))
		if (!run_one(match, &operation))
			return false;
	return clean_up(match);
}

bool match_again(struct match *match, uint64_t seed, const struct operation *operations,
		 size_t count)
{
	match_stop(match);
	if (!match_start(match))
		return false;
	make_room(match, count);
	if (!set_up(match, seed))
		return false;
	for (size_t at = 0; at < count; at++)
		if (!run_one(match, &operations[at]))
			return false;
	return clean_up(match);
}
