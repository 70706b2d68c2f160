/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who waits is nudged, however many waits from before earlier nudges have not come to their end. */
#include "preload/nudge.h"

#include <poll.h>
#include <unistd.h>

#include "../../unit/unit.h"
#include "preload/numbers.h"
#include "preload/real.h"

#define WAITS 129 /* more than there are slots, twice */

/* In place of numbers.c's, as no program's descriptors are to be kept out of the way here. */
int number_raise(int fd)
{
	return fd;
}

void number_close(int fd)
{
	close(fd);
}

static bool is_nudged(struct nudge nudge)
{
	struct pollfd entry = { .fd = nudge.fd, .events = POLLIN };

	return poll(&entry, 1, 0) == 1;
}

static void nudged_while_others_are_slow(void **state)
{
	struct nudge waits[WAITS], late;
	int slow = 0;

	(void)state;
	for (int at = 0; at < WAITS; at++) {
		waits[at] = nudge_enter();
		assert_false(is_nudged(waits[at]));
		nudge_everybody();
		assert_true(is_nudged(waits[at]));
	}
	late = nudge_enter();
	/* A slow one goes, and does not count for the late one, though it waited in the same place.
	 */
	while (waits[slow].slot != late.slot)
		slow++;
	nudge_leave(waits[slow]);
	nudge_everybody();
	assert_true(is_nudged(late));
}

static int highest(int first, int second)
{
	return first > second ? first : second;
}

static void slow_waits_that_end_cost_nothing_for_good(void **state)
{
	struct nudge waits[8];
	int most = 0, later = 0;

	(void)state;
	for (int round = 0; round < 100; round++) {
		for (int at = 0; at < 8; at++) {
			waits[at] = nudge_enter();
			later = highest(later, waits[at].fd);
			nudge_everybody();
		}
		for (int at = 0; at < 8; at++)
			nudge_leave(waits[at]);
		if (round <= 1)
			most = later;
	}
	assert_int_equal(later, most);
}

static int find_calls(void **state)
{
	(void)state;
	real_resolve();
	return 0;
}

#define FIXED(name) cmocka_unit_test_setup(name, find_calls)

RUN(FIXED(slow_waits_that_end_cost_nothing_for_good), FIXED(nudged_while_others_are_slow))
