/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "json.h"

#include <math.h>
#include <stdio.h>

static bool rest;      /* something stands before this in its object or list */
static unsigned depth; /* objects and lists that are open */

static void put_text(const char *text)
{
	putchar('"');
	for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
		if (*at == '"' || *at == '\\')
			printf("\\%c", *at);
		else if (*at < 0x20 || *at > 0x7e)
			printf("\\u%04x", *at);
		else
			putchar(*at);
	}
	putchar('"');
}

static void begin(const char *name)
{
	if (rest)
		fputs(", ", stdout);
	rest = true;
	if (!name)
		return;
	put_text(name);
	fputs(": ", stdout);
}

static void open_with(const char *name, char bracket)
{
	begin(name);
	putchar(bracket);
	rest = false;
	depth++;
}

static void close_with(char bracket)
{
	putchar(bracket);
	depth--;
	rest = depth > 0;
	if (depth == 0)
		putchar('\n');
}

void json_object_begin(const char *name)
{
	open_with(name, '{');
}

void json_object_end(void)
{
	close_with('}');
}

void json_list_begin(const char *name)
{
	open_with(name, '[');
}

void json_list_end(void)
{
	close_with(']');
}

void json_text(const char *name, const char *text)
{
	begin(name);
	put_text(text);
}

void json_number(const char *name, unsigned long long number)
{
	begin(name);
	printf("%llu", number);
}

void json_real(const char *name, double number)
{
	begin(name);
	if (isfinite(number))
		printf("%.10g", number);
	else
		fputs("null", stdout);
}

void json_truth(const char *name, bool truth)
{
	begin(name);
	fputs(truth ? "true" : "false", stdout);
}
