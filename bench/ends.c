/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ends.h"

#include "fail.h"

#include <stdlib.h>

struct end **ends_open(const struct plan *plan, enum side side)
{
	struct end **ends = calloc(plan->connections, sizeof *ends);

	if (!ends)
		fail("no memory for %u connections", plan->connections);
	for (unsigned i = 0; i < plan->connections; i++)
		ends[i] = plan->peer->open(plan, side, i);
	return ends;
}

void ends_close(const struct plan *plan, struct end **ends)
{
	for (unsigned i = 0; i < plan->connections; i++)
		plan->peer->close(ends[i]);
	free(ends);
}
