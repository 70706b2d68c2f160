/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *command_name = "";
static bool show_notes;
static size_t line_length; /* of the line being rewritten; 0: there is none */

void report_begin(const char *command)
{
	command_name = command;
}

void report_verbose(bool verbose)
{
	show_notes = verbose;
}

__attribute__((format(printf, 2, 0))) static void say(const char *subject, const char *format,
						      va_list arguments)
{
	report_line_end();
	fprintf(stderr, "%s: ", command_name);
	if (subject)
		fprintf(stderr, "%s: ", subject);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
}

void complain(const char *subject, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(subject, format, arguments);
	va_end(arguments);
}

void note(const char *subject, const char *format, ...)
{
	va_list arguments;

	if (!show_notes)
		return;
	va_start(arguments, format);
	say(subject, format, arguments);
	va_end(arguments);
}

void report_line(const char *line)
{
	size_t length = strlen(line);
	int blanks = length < line_length ? (int)(line_length - length) : 0;

	fprintf(stderr, "\r%s%*s", line, blanks, "");
	line_length = length;
}

void report_line_end(void)
{
	if (line_length)
		fputc('\n', stderr);
	line_length = 0;
}
