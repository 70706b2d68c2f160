/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

static _Thread_local struct failure last = { "no failure so far" };

static _Thread_local unsigned held;

int fail(int error, const char *format, ...)
{
	va_list arguments;

	if (held > 0)
		return -error;
	va_start(arguments, format);
	vsnprintf(last.sentence, sizeof last.sentence, format, arguments);
	va_end(arguments);
	return -error;
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
	return last.sentence;
}

void failure_save(struct failure *failure)
{
	*failure = last;
}

void failure_restore(const struct failure *failure)
{
	last = *failure;
}

static _Thread_local struct failure shown = { "no failure so far" };

void failure_show(void)
{
	shown = last;
}

const char *shown_failure(void)
{
	return shown.sentence;
}
