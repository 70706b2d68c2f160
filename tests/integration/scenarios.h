/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Each scenario is run by both sides; what it shows is said in its file. */
#ifndef TESTS_INTEGRATION_SCENARIOS_H
#define TESTS_INTEGRATION_SCENARIOS_H

#include "contract/side.h"

/* Name and function: the one list of all. */
#define SCENARIOS(ENTRY)                                                                           \
	ENTRY("echo", echo)                                                                        \
	ENTRY("echo-from-a", echo_from_a)                                                          \
	ENTRY("role-pairs", role_pairs)                                                            \
	ENTRY("ring-sizes", ring_sizes)                                                            \
	ENTRY("ring-limits", ring_limits)                                                          \
	ENTRY("one-way-wishes", one_way_wishes)                                                    \
	ENTRY("one-way-memory", one_way_memory)                                                    \
	ENTRY("one-way-settled", one_way_settled)                                                  \
	ENTRY("one-way-race", one_way_race)                                                        \
	ENTRY("bulk-a-grants", bulk_a_grants)                                                      \
	ENTRY("bulk-b-grants", bulk_b_grants)                                                      \
	ENTRY("close-a-grants", close_a_grants)                                                    \
	ENTRY("close-b-grants", close_b_grants)                                                    \
	ENTRY("close-before-accept", close_before_accept)                                          \
	ENTRY("death-of-granter", death_of_granter)                                                \
	ENTRY("death-of-mapper", death_of_mapper)                                                  \
	ENTRY("death-of-parent-granter", death_of_parent_granter)                                  \
	ENTRY("death-of-parent-mapper", death_of_parent_mapper)                                    \
	ENTRY("death-during-set-up", death_during_set_up)

#define SCENARIO_DECLARE(name, function) void function(struct side *side);
SCENARIOS(SCENARIO_DECLARE)

#endif
