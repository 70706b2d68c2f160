/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Each scenario's two sides; what they show is said in their files. */
#ifndef TESTS_CONTRACT_SCENARIOS_H
#define TESTS_CONTRACT_SCENARIOS_H

#include "side.h"

void idle(struct side *side); /* a side that has nothing to do */

void store_basics(struct side *side);
void store_paths(struct side *side);
void store_permissions_a(struct side *side);
void store_permissions_b(struct side *side);
void store_inbox_a(struct side *side);
void store_inbox_b(struct side *side);
void watch_first(struct side *side);
void watch_changes_a(struct side *side);
void watch_changes_b(struct side *side);
void watch_flood_a(struct side *side);
void watch_flood_b(struct side *side);

void pages_both_ways_a(struct side *side);
void pages_both_ways_b(struct side *side);
void pages_many_a(struct side *side);
void pages_many_b(struct side *side);
void pages_read_only_a(struct side *side);
void pages_read_only_b(struct side *side);
void pages_refused_a(struct side *side);
void pages_refused_b(struct side *side);
void pages_outlive_a(struct side *side);
void pages_outlive_b(struct side *side);

void channel_both_ways_a(struct side *side);
void channel_both_ways_b(struct side *side);
void channel_merge_a(struct side *side);
void channel_merge_b(struct side *side);
void channel_race_a(struct side *side);
void channel_race_b(struct side *side);
void channel_refused_a(struct side *side);
void channel_refused_b(struct side *side);
void channel_closed_a(struct side *side);
void channel_closed_b(struct side *side);

void death_of_granter_a(struct side *side);
void death_of_granter_b(struct side *side);
void death_of_mapper_a(struct side *side);
void death_of_mapper_b(struct side *side);
void death_of_forked_granter_b(struct side *side);
void death_of_forked_mapper_b(struct side *side);

void domains_a(struct side *side);
void domains_b(struct side *side);
void locks(struct side *side);
void choices(struct side *side);
void forked_child_a(struct side *side);
void forked_child_b(struct side *side);
void set_up_cost_a(struct side *side);
void set_up_cost_b(struct side *side);

void local_itself(struct side *side);
void local_settings(struct side *side);
void local_junk_a(struct side *side);
void local_junk_b(struct side *side);
void local_links(struct side *side);

#endif
