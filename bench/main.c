/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One measurement: two processes that play their sides, and one that waits for them and reports. */
#include "fail.h"
#include "report.h"
#include "scratch.h"
#include "sides.h"

#include <sys/resource.h>
#include <xsock/version.h>

/* argp, in the C library, looks for it. */
__attribute__((visibility("default"))) const char *argp_program_version =
	"pair (xsock) " XSOCK_VERSION;

/* Thousands of connections need descriptors. */
static void raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		fail_errno("RLIMIT_NOFILE");
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit))
		fail_errno("RLIMIT_NOFILE");
}

int main(int argc, char **argv)
{
	struct shared *shared;
	struct plan plan;

	plan_from_arguments(&plan, argc, argv);
	if (report_refusal(&plan))
		return STATUS_REFUSED;
	raise_descriptor_limit();
	shared = shared_create();
	scratch_create(&plan);
	if (plan.peer->prepare)
		plan.peer->prepare(&plan);
	sides_run(&plan, shared);
	report_result(&plan, shared);
	return 0;
}
