/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A call that does not wait takes what has happened, once. */
#include "fake.h"

#include <poll.h>

#include "../unit.h"

static int open_fake(void **state)
{
	static struct fake fake;

	fake_open(&fake);
	*state = &fake;
	return 0;
}

static int close_fake(void **state)
{
	fake_close(*state);
	return 0;
}

static bool readable(int fd)
{
	struct pollfd polled = { .fd = fd, .events = POLLIN };

	return poll(&polled, 1, 0) == 1;
}

static void takes_what_happened(void **state)
{
	struct fake *fake = *state;
	struct deadline deadline = { 0 };

	fake_announce(fake, POLLIN);
	assert_true(endpoint_glance(&fake->endpoint, &deadline));
	assert_int_equal(endpoint_look(&fake->endpoint, POLLIN), POLLIN);
	assert_true(deadline_passed(deadline));
}

/* An alarm makes each drain due, as one that takes long does. */
static void once_a_call(void **state)
{
	struct fake *fake = *state;
	struct deadline deadline = { 0 }, next = { 0 };

	endpoint_alarm(&fake->endpoint);
	assert_true(endpoint_glance(&fake->endpoint, &deadline));
	endpoint_alarm(&fake->endpoint);
	assert_false(endpoint_glance(&fake->endpoint, &deadline));
	assert_int_equal(fake->drains, 1);
	assert_true(endpoint_glance(&fake->endpoint, &next));
	assert_int_equal(fake->drains, 2);
}

static void leaves_it_to_who_watches(void **state)
{
	struct fake *fake = *state;
	struct deadline deadline = { 0 };
	struct waiter waiter;

	waiter_start(&waiter, fake, POLLIN, PATIENCE);
	fake_await_sleeps(fake, 1);
	assert_false(endpoint_glance(&fake->endpoint, &deadline));
	fake_event(fake, POLLIN);
	assert_int_equal(waiter_join(&waiter), 0);
}

static void the_descriptor_shows_what_was_taken(void **state)
{
	struct fake *fake = *state;
	struct deadline deadline = { 0 };
	int fd = endpoint_descriptor(&fake->endpoint);

	assert_false(readable(fd));
	fake_announce(fake, POLLIN);
	endpoint_alarm(&fake->endpoint);
	assert_true(endpoint_glance(&fake->endpoint, &deadline));
	assert_true(readable(fd));
}

#define WITH_FAKE(name) cmocka_unit_test_setup_teardown(name, open_fake, close_fake)

RUN(WITH_FAKE(takes_what_happened), WITH_FAKE(once_a_call), WITH_FAKE(leaves_it_to_who_watches),
    WITH_FAKE(the_descriptor_shows_what_was_taken))
