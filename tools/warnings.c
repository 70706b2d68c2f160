/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "warnings.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

static char *said; /* one a line */
static char *text;
static size_t length;
static FILE *stream;

void warnings_begin(void)
{
	stream = open_memstream(&text, &length);
}

void warning(const char *format, ...)
{
	va_list arguments;

	if (!stream)
		return;
	va_start(arguments, format);
	vfprintf(stream, format, arguments);
	va_end(arguments);
	fputc('\n', stream);
}

void warnings_end(void)
{
	bool good = stream && !fclose(stream);
	char *rest = NULL;

	stream = NULL;
	if (!good || (said && !strcmp(said, text))) {
		free(good ? text : NULL);
		return;
	}
	free(said);
	said = strdup(text);
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		complain(NULL, "%s", line);
	free(text);
}
