/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vchan-below.h"

#include "emulated.h"

const char vchan_kind[] = "emulated";

void vchan_below_create(unsigned channels)
{
	emulated_pages_create();
	emulated_events_create(channels);
	emulated_store_create(channels);
}

void vchan_below_count(struct counters *counters)
{
	*counters = (struct counters){ .known = true,
				       .notifications = emulated_notifications(),
				       .waits = emulated_waits() };
}
