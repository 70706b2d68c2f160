/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One measurement: two processes that play their sides, and one that waits for them and reports. */
#include "fail.h"
#include "json.h"
#include "placement.h"
#include "scenario.h"
#include "scratch.h"
#include "sides.h"

#include <stdio.h>
#include <sys/resource.h>

#define STATUS_REFUSED 77

/* Why this cannot be measured; NULL if it can. */
static const char *refused(const struct plan *plan)
{
	if ((plan->peer->abilities & plan->scenario->needs) != plan->scenario->needs)
		return "this peer has no such thing";
	if (plan->peer->refuses && plan->peer->refuses(plan))
		return plan->peer->refuses(plan);
	return placement_refused(plan->placement);
}

static void report_plan(const struct plan *plan)
{
	json_text("peer", plan->peer->name);
	json_text("kind", plan->peer->kind);
	json_text("scenario", plan->scenario->name);
	json_number("size", (double)plan->size);
	json_number("ring", (double)plan->ring);
	json_number("batch", plan->batch);
	json_text("place", placement_name(plan->placement));
	json_text("wait", waiting_name(plan->waiting));
	json_text("touch", plan->touch_all ? "all" : "line");
	json_number("connections", plan->connections);
}

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

static int report_refusal(const struct plan *plan, const char *reason)
{
	json_begin();
	report_plan(plan);
	json_text("refused", reason);
	json_end();
	return STATUS_REFUSED;
}

int main(int argc, char **argv)
{
	struct shared *shared;
	const char *reason;
	struct plan plan;

	plan_from_arguments(&plan, argc, argv);
	reason = refused(&plan);
	if (reason)
		return report_refusal(&plan, reason);
	raise_descriptor_limit();
	shared = shared_create();
	scratch_create(&plan);
	if (plan.peer->prepare)
		plan.peer->prepare(&plan);
	sides_run(&plan, shared);
	json_begin();
	report_plan(&plan);
	plan.scenario->report(&plan, shared);
	json_end();
	return 0;
}
