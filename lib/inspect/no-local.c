/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* local.h in a build without the local platform. */
#include "inspect/local.h"

#include "base/error.h"

int local_remains(struct platform *platform, bool remove, unsigned count[LOCAL_REMAINS])
{
	(void)platform;
	(void)remove;
	(void)count;
	return 0;
}

int local_directory(char path[PATH_MAX])
{
	path[0] = '\0';
	return fail(ENODEV, "this build of xsock leaves the platform \"local\" out");
}

int local_domains(unsigned **domains, size_t *count)
{
	*domains = NULL;
	*count = 0;
	return 0;
}

int local_usage(struct platform *platform, struct local_usage *usage)
{
	(void)platform;
	(void)usage;
	return -ENODEV;
}
