/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "verdicts.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "report.h"

static const char *const names[] = { "ok", "warning", "problem" };
static unsigned counts[sizeof names / sizeof names[0]];
static json_t *checks;
static bool as_json, quietly, lacking; /* memory */

void verdicts_begin(bool json, bool quiet)
{
	as_json = json;
	quietly = quiet;
	checks = json ? json_array() : NULL;
	lacking = json && !checks;
}

static void add(enum verdict verdict, const char *subject, const char *mend, const char *sentence)
{
	json_t *check = json_pack(mend ? "{ss so so so}" : "{ss so so}", "verdict", names[verdict],
				  "subject", json_text(subject), "sentence", json_text(sentence),
				  "mend", mend ? json_text(mend) : NULL);

	if (json_array_append_new(checks, check))
		lacking = true;
}

/* A path may have what a terminal would act on. */
static void put(const char *text)
{
	for (; *text; text++)
		putchar((unsigned char)*text < ' ' || *text == '\177' ? '?' : *text);
}

void verdict(enum verdict verdict, const char *subject, const char *mend, const char *format, ...)
{
	char sentence[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(sentence, sizeof sentence, format, arguments);
	va_end(arguments);
	counts[verdict]++;
	if (quietly && verdict == VERDICT_OK)
		return;
	if (as_json) {
		add(verdict, subject, mend, sentence);
		return;
	}
	printf("%-8s ", names[verdict]);
	put(subject);
	fputs(": ", stdout);
	put(sentence);
	putchar('\n');
	if (mend)
		printf("           mend: %s\n", mend);
}

bool verdicts_end(bool *problems)
{
	*problems = counts[VERDICT_PROBLEM] > 0;
	if (as_json && !json_put(lacking ? NULL
					 : json_pack("{so si si}", "checks", checks, "warnings",
						     (int)counts[VERDICT_WARNING], "problems",
						     (int)counts[VERDICT_PROBLEM]),
				 0))
		return false;
	if (as_json)
		putchar('\n');
	if (!fflush(stdout))
		return true;
	complain("standard output", "%s", strerror(errno));
	return false;
}
