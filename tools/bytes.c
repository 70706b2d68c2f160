/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bytes.h"

#include <stddef.h>
#include <stdio.h>

void format_bytes(char text[16], double bytes)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	size_t unit = 0;

	while (bytes >= 1000 && unit < 6) {
		bytes /= 1024;
		unit++;
	}
	snprintf(text, 16, unit && bytes < 100 ? "%.1f %s" : "%.0f %s", bytes, units[unit]);
}
