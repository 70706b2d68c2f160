/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "report.h"

#include "json.h"
#include "placement.h"

/* Why this cannot be measured; NULL if it can. */
static const char *refused(const struct plan *plan)
{
	unsigned needs = plan->scenario->needs;

	if (plan->placement == PLACED_APART && !plan->scenario->works_apart)
		return "the ends of this scenario must see the same memory";
	if (plan->placement == PLACED_APART)
		needs |= ABLE_APART;
	if ((plan->peer->abilities & needs) != needs)
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

bool report_refusal(const struct plan *plan)
{
	const char *reason = refused(plan);

	if (!reason)
		return false;
	json_begin();
	report_plan(plan);
	json_text("refused", reason);
	json_end();
	return true;
}

void report_result(const struct plan *plan, struct shared *shared)
{
	json_begin();
	report_plan(plan);
	plan->scenario->report(plan, shared);
	json_end();
}
