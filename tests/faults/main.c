/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Makes each call of a life, or of a scenario, fail once with each errno that fits; see
 * tests/faults/README.md. Output: TAP, a test for each subject.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "board.h"
#include "inject.h"
#include "report.h"
#include "run.h"

static const char usage[] = "usage: faults --list\n"
			    "       faults [--every] [--stride N] [--seconds N] [--first-errno]\n"
			    "              [--part K/N] [--kind NAME] [--verbose] NAME...\n";

/* Choices of the command line. */
static struct {
	bool every; /* n-th call from a place, not only the first and the last */
	bool first_errno;
	bool verbose;
	unsigned stride;
	unsigned part, parts; /* of all that is to be done, so that several can share it */
	unsigned seconds;     /* for a scenario: the stride is chosen so */
	const char *kind;
} choice = { .stride = 1, .parts = 1 };

static bool is_chosen(enum kind kind)
{
	return choice.kind == NULL || strcmp(choice.kind, kinds[kind].name) == 0;
}

/* Of errnos that stay when they come at all: a limit that was reached. */
static bool may_stay(int error)
{
	return error == ENOMEM || error == EMFILE || error == ENFILE || error == ENOSPC ||
	       error == ENOBUFS;
}

static bool try_plan(const struct subject *subject, struct tally *tally, const struct plan *plan)
{
	struct verdict verdict;

	board->plan = *plan;
	board->plan.armed = true;
	run(subject, &verdict);
	if (verdict.fired || !verdict.good)
		report_run(tally, subject, &verdict, choice.verbose);
	board->plan.armed = false;
	return verdict.fired;
}

/* -- lives: the n-th call of a kind, until there is none ----------------------------------------
 */

/* The strides of all kinds and errnos begin at different calls. */
static unsigned phase;

static void try_each_call(const struct subject *subject, struct tally *tally, struct plan plan)
{
	unsigned step = choice.stride * choice.parts;

	plan.n = 1 + choice.part + (choice.stride > 1 ? phase++ % choice.stride : 0) * choice.parts;
	while (try_plan(subject, tally, &plan))
		plan.n += step;
}

static void try_life(const struct subject *subject, struct tally *tally)
{
	for (unsigned kind = 0; kind < KINDS; kind++) {
		const int *errors = kinds[kind].errors;

		if (!is_chosen(kind))
			continue;
		for (unsigned at = 0; at < KIND_ERRORS_MAX && errors[at] != 0; at++) {
			struct plan plan = { .kind = kind, .error = errors[at] };

			if (at > 0 && choice.first_errno)
				break;
			try_each_call(subject, tally, plan);
			plan.stays = true;
			if (may_stay(plan.error))
				try_each_call(subject, tally, plan);
		}
	}
}

/* -- scenarios: the calls from each place -------------------------------------------------------
 */

static void try_errors(const struct subject *subject, struct tally *tally, struct plan plan)
{
	const int *errors = kinds[plan.kind].errors;

	for (unsigned at = 0; at < KIND_ERRORS_MAX && errors[at] != 0; at++) {
		if (at > 0 && choice.first_errno)
			return;
		plan.error = errors[at];
		try_plan(subject, tally, &plan);
		if (plan.n > 1 || !may_stay(plan.error))
			continue;
		plan.stays = true;
		try_plan(subject, tally, &plan);
		plan.stays = false;
	}
}

static void try_place(const struct subject *subject, struct tally *tally, unsigned side,
		      const struct place *place)
{
	struct plan plan = { .side = side, .kind = place->kind, .place = place->hash, .n = 1 };

	if (place->hash / 2 % choice.parts != choice.part)
		return;
	if (choice.stride > 1 && phase++ % choice.stride != 0)
		return;
	try_errors(subject, tally, plan);
	if (!choice.every && place->calls > 1) {
		/* Where many are made alike, the middle stands for them. */
		plan.n = 1 + place->calls / 2;
		try_errors(subject, tally, plan);
	}
	for (plan.n = 2; choice.every && plan.n <= place->calls; plan.n++)
		try_errors(subject, tally, plan);
}

/* Each place takes some runs, and each run what the one without a fault took, or not much longer.
 */
static void choose_stride(const unsigned counts[SIDES], int64_t took)
{
	int64_t all = (int64_t)(counts[0] + counts[1]) * (choice.first_errno ? 3 : 6) * (took + 30);

	if (choice.seconds > 0)
		choice.stride = 1 + (unsigned)(all / (choice.seconds * 1000));
}

static void try_scenario(const struct subject *subject, struct tally *tally, int64_t took)
{
	static struct place places[SIDES][PLACES_MAX];
	unsigned counts[SIDES];

	for (unsigned side = 0; side < SIDES; side++) {
		counts[side] = atomic_load(&board->parts[side].place_count);
		memcpy(places[side], board->parts[side].places, sizeof places[side]);
	}
	choose_stride(counts, took);
	for (unsigned side = 0; side < SIDES; side++)
		for (unsigned at = 0; at < counts[side]; at++)
			if (is_chosen(places[side][at].kind))
				try_place(subject, tally, side, &places[side][at]);
}

/* -- subjects -----------------------------------------------------------------------------------
 */

static bool try_subject(const struct subject *subject)
{
	struct tally tally = { 0 };
	struct verdict verdict;

	for (unsigned side = 0; side < SIDES; side++)
		board->parts[side].kept_count = board->parts[side].expected_count = 0;
	board->recording = true;
	run(subject, &verdict);
	board->recording = false;
	if (!verdict.good || !verdict.completed) {
		printf("# %s: without a fault it failed: %s\n", subject->name, verdict.text);
		run_show_output();
		return false;
	}
	if (subject->life != NULL)
		try_life(subject, &tally);
	else
		try_scenario(subject, &tally, verdict.took);
	report_tally(&tally, subject);
	return tally.defects == 0 && (tally.runs > 0 || choice.parts > 1);
}

static bool find_life(const char *name, struct subject *subject)
{
	for (const struct life *at = lives; at->name != NULL; at++)
		if (!strncmp(name, "life-", 5) && !strcmp(name + 5, at->name)) {
			*subject = (struct subject){ .name = name, .life = at };
			return true;
		}
	return false;
}

static bool find_scenario(const char *name, struct subject *subject)
{
	for (const struct scenario *at = scenarios; at->name != NULL; at++)
		if (!strcmp(name, at->name)) {
			*subject = (struct subject){ .name = name, .scenario = at };
			return true;
		}
	return false;
}

static void list(void)
{
	for (const struct life *at = lives; at->name != NULL; at++)
		printf("life-%s\n", at->name);
	for (const struct scenario *at = scenarios; at->name != NULL; at++)
		puts(at->name);
}

static bool is_kind(const char *name)
{
	for (unsigned kind = 0; kind < KINDS; kind++) {
		if (strcmp(kinds[kind].name, name) == 0)
			return true;
	}
	fprintf(stderr, "faults: no kind of call is called '%s'; there are:", name);
	for (unsigned kind = 0; kind < KINDS; kind++)
		fprintf(stderr, "%s %s", kind > 0 ? "," : "", kinds[kind].name);
	fputc('\n', stderr);
	return false;
}

static bool parse(int argc, char **argv)
{
	static const struct option options[] = { { "list", no_argument, NULL, 'l' },
						 { "every", no_argument, NULL, 'e' },
						 { "first-errno", no_argument, NULL, 'f' },
						 { "verbose", no_argument, NULL, 'v' },
						 { "stride", required_argument, NULL, 's' },
						 { "seconds", required_argument, NULL, 't' },
						 { "part", required_argument, NULL, 'p' },
						 { "kind", required_argument, NULL, 'k' },
						 { 0 } };
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		if (option == 'l') {
			list();
			exit(0);
		}
		choice.every |= option == 'e';
		choice.first_errno |= option == 'f';
		choice.verbose |= option == 'v';
		if (option == 's')
			choice.stride = (unsigned)strtoul(optarg, NULL, 10);
		if (option == 't')
			choice.seconds = (unsigned)strtoul(optarg, NULL, 10);
		if (option == 'p' && sscanf(optarg, "%u/%u", &choice.part, &choice.parts) != 2)
			return false;
		if (option == 'k')
			choice.kind = optarg;
		if (option == '?')
			return false;
	}
	if (choice.kind != NULL && !is_kind(choice.kind))
		return false;
	return choice.stride > 0 && choice.part < choice.parts && optind < argc;
}

int main(int argc, char **argv)
{
	unsigned count = 0, failed = 0;

	if (!parse(argc, argv)) {
		fputs(usage, stderr);
		return 2;
	}
	board_make();
	inject_start();
	run_start();
	for (; optind < argc; optind++) {
		struct subject subject;
		bool good = false;

		if (find_life(argv[optind], &subject) || find_scenario(argv[optind], &subject))
			good = try_subject(&subject);
		else
			printf("# nothing is called that; see --list\n");
		failed += !good;
		printf("%s %u - %s\n", good ? "ok" : "not ok", ++count, argv[optind]);
		fflush(stdout);
	}
	printf("1..%u\n", count);
	return failed > 0;
}
