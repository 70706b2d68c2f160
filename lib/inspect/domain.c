/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "inspect/domain.h"

#include "base/error.h"
#include "platform/platform.h"

int domain_open(const char *name, struct platform **platform)
{
	return platform_look(name, platform);
}

void domain_close(struct platform *platform)
{
	platform_put(platform);
}

const char *domain_platform(const struct platform *platform)
{
	return platform->ops->name;
}

unsigned domain_number(const struct platform *platform)
{
	return platform->self;
}

const char *inspect_failure(void)
{
	return last_failure();
}
