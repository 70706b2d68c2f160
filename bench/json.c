/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "json.h"

#include "fail.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>

static bool first;

static void name_of(const char *name)
{
	printf("%s\"%s\": ", first ? "" : ", ", name);
	first = false;
}

void json_begin(void)
{
	first = true;
	putchar('{');
}

void json_text(const char *name, const char *value)
{
	name_of(name);
	printf("\"%s\"", value);
}

void json_number(const char *name, double value)
{
	name_of(name);
	if (isfinite(value))
		printf("%.10g", value);
	else
		printf("null");
}

void json_end(void)
{
	puts("}");
	if (fflush(stdout) || ferror(stdout))
		fail("cannot write the result");
}
