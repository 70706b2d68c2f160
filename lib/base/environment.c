/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/environment.h"

#include <stdlib.h>
#include <string.h>

static const char *const names[VARIABLE_COUNT] = {
	[VARIABLE_PLATFORM] = "XSOCK_PLATFORM",
	[VARIABLE_LOCAL_DIR] = "XSOCK_LOCAL_DIR",
	[VARIABLE_LOCAL_DOMAIN] = "XSOCK_LOCAL_DOMAIN",
	[VARIABLE_HOSTS] = "XSOCK_HOSTS",
};

static char *at_start[VARIABLE_COUNT];

static const char *now(enum variable variable)
{
	return variable == VARIABLE_HOSTS ? secure_getenv(names[variable])
					  : getenv(names[variable]);
}

__attribute__((constructor)) static void remember(void)
{
	for (int variable = 0; variable < VARIABLE_COUNT; variable++) {
		const char *value = now((enum variable)variable);

		/* Without memory it is as if it were not kept. */
		if (value != NULL)
			at_start[variable] = strdup(value);
	}
}

__attribute__((destructor)) static void forget(void)
{
	for (int variable = 0; variable < VARIABLE_COUNT; variable++) {
		free(at_start[variable]);
		at_start[variable] = NULL;
	}
}

const char *environment(enum variable variable)
{
	const char *value = now(variable);

	return value != NULL ? value : at_start[variable];
}
