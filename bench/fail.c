/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fail.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static __attribute__((format(printf, 1, 0))) void say(const char *format, va_list arguments,
						      const char *reason)
{
	char text[512];

	vsnprintf(text, sizeof text, format, arguments);
	fprintf(stderr, "%s: %s%s%s\n", program_invocation_short_name, text, reason ? ": " : "",
		reason ? reason : "");
}

void fail(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(format, arguments, NULL);
	va_end(arguments);
	exit(1);
}

void fail_errno(const char *format, ...)
{
	int number = errno;
	va_list arguments;

	va_start(arguments, format);
	say(format, arguments, strerror(number));
	va_end(arguments);
	exit(1);
}
