/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One end of a measurement, in a Xen domain of its own; the other is such a process elsewhere. */
#include "fail.h"
#include "link.h"
#include "report.h"
#include "role.h"

#include <signal.h>
#include <unistd.h>
#include <xsock/version.h>

/* argp, in the C library, looks for it. */
__attribute__((visibility("default"))) const char *argp_program_version =
	"end (xsock) " XSOCK_VERSION;

/* The other end may never come, or be stuck. */
static void expire(int number)
{
	static const char text[] = "end: not done within the limit\n";

	(void)number;
	_exit(write(STDERR_FILENO, text, sizeof text - 1) < 0 ? 2 : 1);
}

static void end_in_time(unsigned limit)
{
	struct sigaction action = { .sa_handler = expire };

	if (sigaction(SIGALRM, &action, NULL))
		fail_errno("SIGALRM");
	alarm(limit);
}

int main(int argc, char **argv)
{
	struct role role = role_from_arguments(argc, argv);
	const struct plan *plan = &role.plan;
	struct shared *shared;

	if (report_refusal(plan))
		return STATUS_REFUSED;
	end_in_time(plan->limit);
	shared = shared_create();
	link_open(&role, shared);
	if (role.side == SIDE_LISTENS && plan->peer->prepare)
		plan->peer->prepare(plan);
	if (role.side == SIDE_LISTENS && plan->peer->listen)
		plan->peer->listen(plan);
	meet_slowly(shared);
	plan->scenario->side[role.side](plan, shared);
	link_finish();
	if (role.side == SIDE_CONNECTS)
		report_result(plan, shared);
	return 0;
}
