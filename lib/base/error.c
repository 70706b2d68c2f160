/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static _Thread_local char sentence[512] = "no failure so far";

static _Thread_local unsigned held;

int fail(int error, const char *format, ...)
{
	va_list arguments;

	if (held > 0)
		return -error;
	va_start(arguments, format);
	vsnprintf(sentence, sizeof sentence, format, arguments);
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
	return sentence;
}

static _Thread_local char shown[sizeof sentence] = "no failure so far";

void failure_show(void)
{
	memcpy(shown, sentence, sizeof shown);
}

const char *shown_failure(void)
{
	return shown;
}
