/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "scratch.h"

#include "fail.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A copy: what main has is gone when exit calls. */
static char scratch[64];
static pid_t owner;

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	if (remove(path))
		perror(path);
	return 0;
}

static void scratch_remove(void)
{
	if (getpid() == owner)
		nftw(scratch, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

void scratch_create(struct plan *plan)
{
	snprintf(plan->directory, sizeof plan->directory, "/dev/shm/xsock-bench-XXXXXX");
	if (!mkdtemp(plan->directory))
		fail_errno("%s", plan->directory);
	snprintf(scratch, sizeof scratch, "%s", plan->directory);
	owner = getpid();
	if (atexit(scratch_remove))
		fail("atexit");
	if (setenv("XSOCK_LOCAL_DIR", plan->directory, 1))
		fail_errno("XSOCK_LOCAL_DIR");
}
