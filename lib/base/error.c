/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Both are written at length only when there is a sentence, as many failures are never looked at.
 */
static _Thread_local struct failure last = { .sentence = "no failure so far" };
static _Thread_local struct failure shown = { .sentence = "no failure so far" };

static _Thread_local unsigned held;

int fail(int error, const char *format, ...)
{
	va_list arguments;

	if (held > 0)
		return -error;
	va_start(arguments, format);
	vsnprintf(last.sentence, sizeof last.sentence, format, arguments);
	va_end(arguments);
	last.before = NULL;
	return -error;
}

int fail_often(int error, const char *before, unsigned number, const char *behind)
{
	if (held > 0)
		return -error;
	last.before = before;
	last.number = number;
	last.behind = behind;
	return -error;
}

static void copy(struct failure *to, const struct failure *from)
{
	to->before = from->before;
	to->number = from->number;
	to->behind = from->behind;
	if (from->before == NULL)
		/* NOLINTNEXTLINE(clang-analyzer-security.insecureAPI.strcpy): both places have the same size */
		strcpy(to->sentence, from->sentence);
}

static const char *sentence_of(struct failure *failure)
{
	if (failure->before != NULL && failure->behind != NULL)
		snprintf(failure->sentence, sizeof failure->sentence, "%s%u%s", failure->before,
			 failure->number, failure->behind);
	else if (failure->before != NULL)
		snprintf(failure->sentence, sizeof failure->sentence, "%s", failure->before);
	failure->before = NULL;
	return failure->sentence;
}

void failure_hold(void)
{
	held++;
}

void failure_release(void)
{
	held--;
}

const char *last_failure(void)
{
	return sentence_of(&last);
}

void failure_save(struct failure *failure)
{
	copy(failure, &last);
}

void failure_restore(const struct failure *failure)
{
	copy(&last, failure);
}

void failure_show(void)
{
	copy(&shown, &last);
}

const char *shown_failure(void)
{
	return sentence_of(&shown);
}
