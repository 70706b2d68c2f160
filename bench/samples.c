/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "samples.h"

#include "json.h"

#include <stdio.h>
#include <stdlib.h>

static int by_size(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return (a > b) - (a < b);
}

static void tell(const char *prefix, const char *name, uint64_t nanoseconds)
{
	char text[64];

	snprintf(text, sizeof text, "%s%s_us", prefix, name);
	json_number(text, (double)nanoseconds / 1000);
}

void samples_report(const char *prefix, uint64_t *nanoseconds, size_t count)
{
	if (count == 0)
		return;
	qsort(nanoseconds, count, sizeof *nanoseconds, by_size);
	tell(prefix, "min", nanoseconds[0]);
	tell(prefix, "p50", nanoseconds[count / 2]);
	tell(prefix, "p99", nanoseconds[count - 1 - count / 100]);
	tell(prefix, "p999", nanoseconds[count - 1 - count / 1000]);
	tell(prefix, "max", nanoseconds[count - 1]);
}
