/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "verdicts.h"

#include <stdarg.h>
#include <stdio.h>

#include "json.h"

static const char *const names[] = { "ok", "warning", "problem" };
static unsigned counts[sizeof names / sizeof names[0]];
static bool as_json, quietly;

void verdicts_begin(bool json, bool quiet)
{
	as_json = json;
	quietly = quiet;
	if (!json)
		return;
	json_object_begin(NULL);
	json_list_begin("checks");
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
		json_object_begin(NULL);
		json_text("verdict", names[verdict]);
		json_text("subject", subject);
		json_text("sentence", sentence);
		if (mend)
			json_text("mend", mend);
		json_object_end();
		return;
	}
	printf("%-8s %s: %s\n", names[verdict], subject, sentence);
	if (mend)
		printf("           mend: %s\n", mend);
}

unsigned verdicts_end(void)
{
	if (as_json) {
		json_list_end();
		json_number("warnings", counts[VERDICT_WARNING]);
		json_number("problems", counts[VERDICT_PROBLEM]);
		json_object_end();
	}
	return counts[VERDICT_PROBLEM];
}
