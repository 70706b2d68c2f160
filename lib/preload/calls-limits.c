/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Interposed: limits. At a number past that of descriptors nothing can be put any more, not even what stood there. */
#include <errno.h>
#include <stddef.h>
#include <sys/resource.h>
#include <unistd.h>

#include "preload/public.h"
#include "preload/real.h"
#include "preload/streams.h"

static void before_limit(int resource, const struct rlimit *limit)
{
	int error = errno;

	/* One the kernel refuses changes nothing. */
	if (resource == RLIMIT_NOFILE && limit != NULL && limit->rlim_cur <= limit->rlim_max)
		streams_before_limit(limit->rlim_cur);
	errno = error;
}

/* As for real_resolve. */
PUBLIC WITHOUT_SANITIZERS int setrlimit(__rlimit_resource_t resource, const struct rlimit *limit)
{
	if (real.syscall == NULL)
		real_resolve();
	if (resource == RLIMIT_NOFILE)
		before_limit((int)resource, limit);
	return real.setrlimit((int)resource, limit);
}

PUBLIC int setrlimit64(__rlimit_resource_t resource, const struct rlimit64 *limit)
{
	return setrlimit(resource, (const struct rlimit *)limit);
}

PUBLIC int prlimit(pid_t pid, enum __rlimit_resource resource, const struct rlimit *limit,
		   struct rlimit *old)
{
	real_ready();
	if (pid == 0 || pid == getpid())
		before_limit((int)resource, limit);
	return real.prlimit(pid, (int)resource, limit, old);
}

PUBLIC int prlimit64(pid_t pid, enum __rlimit_resource resource, const struct rlimit64 *limit,
		     struct rlimit64 *old)
{
	return prlimit(pid, resource, (const struct rlimit *)limit, (struct rlimit *)old);
}
