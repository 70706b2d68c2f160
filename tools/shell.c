/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "shell.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
			    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "0123456789/._-";

/* A line's end is harmless between quotes, and $() would drop it. */
static bool is_shown(char byte)
{
	return (byte >= ' ' && byte <= '~') || byte == '\n';
}

static const char *put_quoted(FILE *file, const char *text)
{
	putc('\'', file);
	for (; *text && is_shown(*text); text++) {
		putc(*text, file);
		if (*text == '\'')
			fputs("\\''", file);
	}
	putc('\'', file);
	return text;
}

static const char *put_numbers(FILE *file, const char *text)
{
	fputs("\"$(printf '", file);
	for (; *text && !is_shown(*text); text++)
		fprintf(file, "\\%03o", (unsigned char)*text);
	fputs("')\"", file);
	return text;
}

char *shell_command(const char *command, const char *path)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);
	bool good;

	if (!file)
		return NULL;
	fprintf(file, "%s ", command);
	if (*path && !path[strspn(path, plain)])
		fputs(path, file);
	else
		for (const char *at = path; *at;)
			at = is_shown(*at) ? put_quoted(file, at) : put_numbers(file, at);
	good = !ferror(file);
	if (fclose(file) || !good) {
		free(text);
		return NULL;
	}
	return text;
}
