/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "preload/real.h"

#include <dlfcn.h>
#include <stddef.h>

struct real_calls real;

#define REAL_NAME(result, name, parameters) { #name, offsetof(struct real_calls, name) },

static const struct {
	const char *name;
	size_t offset;
} calls[] = { REAL_CALLS(REAL_NAME) };

void real_resolve(void)
{
	for (size_t at = 0; at < sizeof calls / sizeof calls[0]; at++)
		*(void **)((char *)&real + calls[at].offset) = dlsym(RTLD_NEXT, calls[at].name);
}
