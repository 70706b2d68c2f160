/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "report.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Return addresses, as functions and lines. */
static void show_frames(void *const frames[FRAMES])
{
	extern const char __executable_start[];
	char command[64 + FRAMES * 20], path[256];
	size_t length;
	FILE *lines;

	snprintf(command, sizeof command, "exec addr2line -sfipe /proc/%d/exe", (int)getpid());
	for (int at = 0; at < FRAMES && frames[at] != NULL; at++) {
		length = strlen(command);
		snprintf(command + length, sizeof command - length, " %lx",
			 (unsigned long)((const char *)frames[at] - __executable_start - 1));
	}
	fflush(stdout);
	lines = popen(command, "re");
	while (lines != NULL && fgets(path, sizeof path, lines) != NULL)
		if (strstr(path, "??") == NULL)
			printf("#     %s", path);
	if (lines != NULL)
		pclose(lines);
}

static void show_plan(const struct subject *subject)
{
	const struct plan *plan = &board->plan;
	printf("%s: side %c, %s %u%s%s: %s", subject->name, "ab"[plan->side],
	       kinds[plan->kind].name, plan->n, plan->stays ? " and on" : "",
	       plan->place != 0 ? " from there" : "", strerrorname_np(plan->error));
}

void report_run(struct tally *tally, const struct subject *subject, const struct verdict *verdict,
		bool verbose)
{
	const struct part *part_of_fault = &board->parts[board->plan.side];

	tally->runs++;
	tally->by_kind[board->plan.kind]++;
	tally->failed += !verdict->completed;
	tally->tolerated += verdict->completed;
	tally->cut_short += verdict->cut_short;
	tally->defects += !verdict->good;
	if (verdict->took > tally->longest)
		tally->longest = verdict->took;
	tally->changed += verdict->changed;
	if (verdict->good && !verbose && !verdict->changed)
		return;
	printf("%s ", !verdict->good ? "# defect:" : verdict->changed ? "# changed:" : "#");
	show_plan(subject);
	printf(" (%s, %lld ms) %s\n", verdict->completed ? "completed" : "failed",
	       (long long)verdict->took, part_of_fault->outcome);
	if (!verdict->good)
		printf("#   side %c: %s\n", "ab"[verdict->side], verdict -> text);
	show_frames(part_of_fault->frames);
	if (!verdict->good || verdict->changed)
		run_show_output();
	fflush(stdout);
}

void report_tally(const struct tally *tally, const struct subject *subject)
{
	printf("# %s: %u calls failed: %u scenarios ended with an error, %u went on, %u "
	       "changed, %u cut short; longest %lld ms; %u defects\n",
	       subject->name, tally->runs, tally->failed, tally->tolerated, tally->changed,
	       tally->cut_short, (long long)tally->longest, tally->defects);
	for (unsigned kind = 0; kind < KINDS; kind++)
		if (tally->by_kind[kind] > 0)
			printf("# count %u %s\n", tally->by_kind[kind], kinds[kind].name);
	fflush(stdout);
}
