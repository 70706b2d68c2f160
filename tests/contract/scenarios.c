/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "scenarios.h"

void idle(struct side *side)
{
	(void)side;
}

const struct scenario scenarios[] = {
	{ "store-basics", store_basics, store_basics },
	{ "store-paths", store_paths, idle },
	{ "store-permissions", store_permissions_a, store_permissions_b },
	{ "store-inbox", store_inbox_a, store_inbox_b },
	{ "watch-first", watch_first, watch_first },
	{ "watch-changes", watch_changes_a, watch_changes_b },
	{ "watch-flood", watch_flood_a, watch_flood_b },
	{ "pages-both-ways", pages_both_ways_a, pages_both_ways_b },
	{ "pages-many", pages_many_a, pages_many_b },
	{ "pages-many-from-b", pages_many_b, pages_many_a },
	{ "pages-read-only", pages_read_only_a, pages_read_only_b },
	{ "pages-refused", pages_refused_a, pages_refused_b },
	{ "pages-outlive-ungrant", pages_outlive_a, pages_outlive_b },
	{ "channel-both-ways", channel_both_ways_a, channel_both_ways_b },
	{ "channel-from-b", channel_both_ways_b, channel_both_ways_a },
	{ "channel-merge", channel_merge_a, channel_merge_b },
	{ "channel-race", channel_race_a, channel_race_b },
	{ "channel-refused", channel_refused_a, channel_refused_b },
	{ "channel-closed", channel_closed_a, channel_closed_b },
	{ "death-of-granter", death_of_granter_a, death_of_granter_b },
	{ "death-of-mapper", death_of_mapper_a, death_of_mapper_b },
	{ "death-of-forked-granter", death_of_granter_a, death_of_forked_granter_b },
	{ "death-of-forked-mapper", death_of_mapper_a, death_of_forked_mapper_b },
	{ "domains", domains_a, domains_b },
	{ "locks", locks, locks },
	{ "choices", choices, choices },
	{ "forked-child", forked_child_a, forked_child_b },
	{ "local-settings", local_settings, idle },
	{ "local-itself", local_itself, local_itself },
	{ "local-junk", local_junk_a, local_junk_b },
	{ "local-links", local_links, local_links },
	{ "set-up-cost", set_up_cost_a, set_up_cost_b },
	{ 0 },
};
