/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One end of a measurement, in a Xen domain of its own; the other is such a process elsewhere. */
#include "link.h"
#include "report.h"
#include "role.h"

#include <xsock/version.h>

/* argp, in the C library, looks for it. */
__attribute__((visibility("default"))) const char *argp_program_version =
	"end (xsock) " XSOCK_VERSION;

int main(int argc, char **argv)
{
	struct role role = role_from_arguments(argc, argv);
	const struct plan *plan = &role.plan;
	struct shared *shared;

	if (report_refusal(plan))
		return STATUS_REFUSED;
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
