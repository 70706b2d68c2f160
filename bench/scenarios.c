/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "scenario.h"

#include <string.h>

const struct scenario *const scenarios[] = { &throughput, &both_ways, &round_trip, &paced, &set_up,
					     &many,       &idle,      &memory,     NULL };

const struct scenario *scenario_named(const char *name)
{
	for (const struct scenario *const *at = scenarios; *at; at++) {
		if (!strcmp((*at)->name, name))
			return *at;
	}
	return NULL;
}
