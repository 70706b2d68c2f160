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
	ENTRY("growth-alone", growth_alone)                                                        \
	ENTRY("growth-nonblocking", growth_nonblocking)                                            \
	ENTRY("growth-wishes", growth_wishes)                                                      \
	ENTRY("growth-needs", growth_needs)                                                        \
	ENTRY("growth-two-needs", growth_two_needs)                                                \
	ENTRY("growth-denied-for-a-while", growth_denied_for_a_while)                              \
	ENTRY("growth-under-spans", growth_under_spans)                                            \
	ENTRY("growth-under-reservation", growth_under_reservation)                                \
	ENTRY("growth-while-peeking", growth_while_peeking)                                        \
	ENTRY("growth-then-withdraw", growth_then_withdraw)                                        \
	ENTRY("growth-refused", growth_refused_there)                                              \
	ENTRY("growth-refused-then-ended", growth_refused_then_ended)                              \
	ENTRY("growth-bulk-a-grants", growth_bulk_a_grants)                                        \
	ENTRY("growth-bulk-b-grants", growth_bulk_b_grants)                                        \
	ENTRY("growth-until-death", growth_until_death)                                            \
	ENTRY("growth-until-close", growth_until_close)                                            \
	ENTRY("growth-lies", growth_lies)                                                          \
	ENTRY("growth-turn-refused", growth_turn_refused)                                          \
	ENTRY("growth-mixed", growth_mixed)                                                        \
	ENTRY("growth-limit", growth_limit)                                                        \
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
	ENTRY("death-during-set-up", death_during_set_up)                                          \
	ENTRY("flags-dontwait", flags_dontwait)                                                    \
	ENTRY("flags-waitall", flags_waitall)                                                      \
	ENTRY("flags-more", flags_more)                                                            \
	ENTRY("flags-unknown", flags_unknown)                                                      \
	ENTRY("timeouts", timeouts)                                                                \
	ENTRY("timeouts-just-in-time", timeouts_just_in_time)                                      \
	ENTRY("nonblocking", nonblocking)                                                          \
	ENTRY("signals", signals)                                                                  \
	ENTRY("signals-to-two", signals_to_two)                                                    \
	ENTRY("shut-writing", shut_writing)                                                        \
	ENTRY("shut-reading", shut_reading)                                                        \
	ENTRY("shutdown-wakes", shutdown_wakes)                                                    \
	ENTRY("close-wakes", close_wakes)                                                          \
	ENTRY("not-connected", not_connected)                                                      \
	ENTRY("crowd", crowd)                                                                      \
	ENTRY("crowd-of-processes", crowd_of_processes)                                            \
	ENTRY("one-after-another", one_after_another)                                              \
	ENTRY("arguments", arguments)                                                              \
	ENTRY("nobody-there", nobody_there)                                                        \
	ENTRY("allow-list", allow_list)                                                            \
	ENTRY("name-taken", name_taken)                                                            \
	ENTRY("no-answer", no_answer)                                                              \
	ENTRY("last-error-survives", last_error_survives)                                          \
	ENTRY("descriptor-levels", descriptor_levels)                                              \
	ENTRY("descriptor-edges", descriptor_edges)                                                \
	ENTRY("poll-sleeps", poll_sleeps)                                                          \
	ENTRY("poll-beside-reader", poll_beside_reader)                                            \
	ENTRY("poll-many", poll_many)                                                              \
	ENTRY("connect-without-waiting", connect_without_waiting)                                  \
	ENTRY("connect-failures", connect_failures)                                                \
	ENTRY("threads-together", threads_together)                                                \
	ENTRY("threads-of-different-wishes", threads_of_different_wishes)                          \
	ENTRY("races-of-all", races_of_all)                                                        \
	ENTRY("races-with-the-end", races_with_the_end)                                            \
	ENTRY("races-to-accept", races_to_accept)                                                  \
	ENTRY("fork-with-sockets", fork_with_sockets)                                              \
	ENTRY("fork-while-waiting", fork_while_waiting)                                            \
	ENTRY("fork-keeps-no-name", fork_keeps_no_name)                                            \
	ENTRY("backlog", backlog)                                                                  \
	ENTRY("domain-connections", domain_connections)                                            \
	ENTRY("each-limit", each_limit)                                                            \
	ENTRY("spans", spans)                                                                      \
	ENTRY("spans-of-much", spans_of_much)                                                      \
	ENTRY("spans-in-steps", spans_in_steps)                                                    \
	ENTRY("spans-asked-for", spans_asked_for)                                                  \
	ENTRY("await-a-listener", await_a_listener)                                                \
	ENTRY("await-in-a-call", await_in_a_call)                                                  \
	ENTRY("await-nobody", await_nobody)                                                        \
	ENTRY("await-step-by-step", await_step_by_step)                                            \
	ENTRY("descriptors-out-of-the-way", descriptors_out_of_the_way)                            \
	ENTRY("descriptors-in-a-child", descriptors_in_a_child)                                    \
	ENTRY("pollerr-is-quiet", pollerr_is_quiet)                                                \
	ENTRY("pollerr-after-shutdown", pollerr_after_shutdown)                                    \
	ENTRY("pollerr-wakes", pollerr_wakes)                                                      \
	ENTRY("pollerr-after-death-of-granter", pollerr_after_death_of_granter)                    \
	ENTRY("pollerr-after-death-of-mapper", pollerr_after_death_of_mapper)                      \
	ENTRY("pollerr-one-way", pollerr_one_way)                                                  \
	ENTRY("withdraw-after-shutdown", withdraw_after_shutdown)                                  \
	ENTRY("withdraw-after-close-of-granter", withdraw_after_close_of_granter)                  \
	ENTRY("withdraw-after-close-of-mapper", withdraw_after_close_of_mapper)                    \
	ENTRY("withdraw-after-death-of-granter", withdraw_after_death_of_granter)                  \
	ENTRY("withdraw-after-death-of-mapper", withdraw_after_death_of_mapper)                    \
	ENTRY("withdraw-elsewhere", withdraw_elsewhere)                                            \
	ENTRY("withdraw-who-was-first", withdraw_who_was_first)                                    \
	ENTRY("withdraw-from-a-liar", withdraw_from_a_liar)                                        \
	ENTRY("withdraw-any-time", withdraw_any_time)                                              \
	ENTRY("hostile-announcements", hostile_announcements)                                      \
	ENTRY("hostile-requests", hostile_requests)                                                \
	ENTRY("hostile-flood", hostile_flood)                                                      \
	ENTRY("hostile-requests-in-order", hostile_requests_in_order)                              \
	ENTRY("hostile-offers", hostile_offers)                                                    \
	ENTRY("hostile-takers", hostile_takers)                                                    \
	ENTRY("hostile-place", hostile_place)                                                      \
	ENTRY("hostile-answers", hostile_answers)                                                  \
	ENTRY("lies", lies)                                                                        \
	ENTRY("hostile-nodes", hostile_nodes)                                                      \
	ENTRY("hostile-removal", hostile_removal)                                                  \
	ENTRY("hostile-end", hostile_end)

#define SCENARIO_DECLARE(name, function) void function(struct side *side);
SCENARIOS(SCENARIO_DECLARE)

#endif
