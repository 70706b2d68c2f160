/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/deadline.h"

#include <limits.h>
#include <poll.h>

#include "../unit.h"

static void negative_is_never(void **state)
{
	(void)state;
	for (int timeout = -3; timeout < 0; timeout++) {
		assert_true(deadline_in(timeout).never);
		assert_false(deadline_passed(deadline_in(timeout)));
		assert_int_equal(deadline_left(deadline_in(timeout)), -1);
	}
}

static void zero_has_passed(void **state)
{
	struct deadline now = deadline_in(0);

	(void)state;
	assert_false(now.never);
	assert_true(deadline_passed(now));
	assert_int_equal(deadline_left(now), 0);
}

/* Rounded up: a poll of what is left never ends before the deadline. */
static void what_is_left(void **state)
{
	struct deadline soon = deadline_in(30);
	int left;

	(void)state;
	while ((left = deadline_left(soon)) > 0)
		poll(NULL, 0, left);
	assert_true(deadline_passed(soon));
	assert_in_range(deadline_left(deadline_in(1000000)), 990000, 1000000);
	assert_in_range(deadline_left(deadline_in(INT_MAX)), INT_MAX - 10000, INT_MAX);
}

static void lasts_from_the_first_question_on(void **state)
{
	struct deadline deadline = { 0 }, unlimited = { 0 }, passed = { .at = 1 };
	struct deadline never = { .never = true };

	(void)state;
	assert_true(deadline_lasts(&deadline, 1000000));
	assert_in_range(deadline_left(deadline), 990000, 1000000);
	assert_true(deadline_lasts(&deadline, 1));
	assert_in_range(deadline_left(deadline), 990000, 1000000);
	assert_true(deadline_lasts(&unlimited, 0));
	assert_int_equal(unlimited.at, 0);
	assert_true(deadline_lasts(&never, 1));
	assert_false(deadline_lasts(&passed, 1000000));
}

static void farther_than_an_int(void **state)
{
	struct deadline far = { .at = INT64_MAX };

	(void)state;
	assert_int_equal(deadline_left(far), INT_MAX);
}

static void the_earlier_of_two(void **state)
{
	struct deadline never = { .never = true }, one = { .at = 1000 }, two = { .at = 2000 };

	(void)state;
	assert_int_equal(deadline_earlier(one, two).at, 1000);
	assert_int_equal(deadline_earlier(two, one).at, 1000);
	assert_int_equal(deadline_earlier(two, never).at, 2000);
	assert_int_equal(deadline_earlier(never, two).at, 2000);
	assert_false(deadline_earlier(never, two).never);
	assert_true(deadline_earlier(never, never).never);
}

static void as_a_timespec(void **state)
{
	struct deadline late = { .at = INT64_C(12345678901) };
	struct timespec now, soon = deadline_timespec(deadline_in(5000));

	(void)state;
	assert_int_equal(deadline_timespec(late).tv_sec, 12);
	assert_int_equal(deadline_timespec(late).tv_nsec, 345678901);
	clock_gettime(CLOCK_MONOTONIC, &now);
	assert_in_range(soon.tv_sec, now.tv_sec + 3, now.tv_sec + 6);
}

RUN(TEST(negative_is_never), TEST(zero_has_passed), TEST(what_is_left),
    TEST(lasts_from_the_first_question_on), TEST(farther_than_an_int), TEST(the_earlier_of_two),
    TEST(as_a_timespec))
