/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "preload/settings.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "preload/report.h"

#define RING_DEFAULT ((size_t)256 << 10)
#define STRICT_WAIT 5000

struct settings settings;

static bool is_set(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && value[0] != '\0' && !(value[0] == '0' && value[1] == '\0');
}

/* xsock-run has checked what its user said; who says it in the environment is told what is no
 * number. */
static unsigned long number(const char *name, unsigned long otherwise, unsigned long most)
{
	const char *value = getenv(name);
	unsigned long read;
	char *end;

	if (value == NULL || value[0] == '\0')
		return otherwise;
	read = strtoul(value, &end, 10);
	if (value[0] < '0' || value[0] > '9' || *end != '\0') {
		report_setting(name, value, otherwise);
		return otherwise;
	}
	return read < most ? read : most;
}

void settings_read(void)
{
	const char *log = getenv("XSOCK_RUN_LOG");

	/* A copy: programs write their titles over their environment. */
	if (log != NULL && log[0] != '\0')
		settings.log = strdup(log);
	settings.verbose = is_set("XSOCK_RUN_VERBOSE") || settings.log != NULL;
	settings.strict = is_set("XSOCK_RUN_STRICT");
	settings.self = is_set("XSOCK_RUN_SELF");
	settings.wait = (int)number("XSOCK_RUN_WAIT", settings.strict ? STRICT_WAIT : 0, INT_MAX);
	settings.ring = number("XSOCK_RUN_RING", RING_DEFAULT, (size_t)64 << 20);
	settings.chaos = (unsigned)number("XSOCK_RUN_CHAOS", 0, INT_MAX);
}
