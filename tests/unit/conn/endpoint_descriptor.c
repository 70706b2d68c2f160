/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The public descriptor: readable while what its user asked for is ready. */
#include "fake.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

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

static bool readable_in(int fd, int timeout)
{
	struct pollfd polled = { .fd = fd, .events = POLLIN };

	return poll(&polled, 1, timeout) == 1 && polled.revents == POLLIN;
}

/* As a user does it: after each report, a look that finds something or nothing. */
static bool readable(struct fake *fake, int fd)
{
	while (readable_in(fd, 0)) {
		endpoint_update(&fake->endpoint);
		if (endpoint_look(&fake->endpoint, POLLIN | POLLOUT) != 0)
			return readable_in(fd, 0);
	}
	return false;
}

static void one_and_the_same(void **state)
{
	struct fake *fake = *state;
	int fd = endpoint_descriptor(&fake->endpoint);

	assert_true(fd >= 0);
	assert_int_equal(endpoint_descriptor(&fake->endpoint), fd);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_true(endpoint_is_public(&fake->endpoint));
	assert_false(readable_in(fd, 0));
}

static void ready_before_it_was_made(void **state)
{
	struct fake *fake = *state;

	fake_set_ready(fake, POLLIN);
	assert_true(readable_in(endpoint_descriptor(&fake->endpoint), 0));
}

static void stays_readable_until_it_is_not_ready(void **state)
{
	struct fake *fake = *state;
	int fd = endpoint_descriptor(&fake->endpoint);

	fake_event(fake, POLLIN);
	for (int look = 0; look < 5; look++)
		assert_true(readable(fake, fd));
	fake_set_ready(fake, 0);
	endpoint_update(&fake->endpoint);
	assert_false(readable_in(fd, 0));
	fake_event(fake, POLLIN);
	assert_true(readable(fake, fd));
}

/* An event for nothing shows, but does not stay once it was looked at. */
static void an_event_for_nothing_passes(void **state)
{
	struct fake *fake = *state;
	int fd = endpoint_descriptor(&fake->endpoint);

	fake_event(fake, 0);
	assert_true(readable_in(fd, 0));
	endpoint_update(&fake->endpoint);
	assert_false(readable_in(fd, 0));
}

static void an_announcement_becomes_ready(void **state)
{
	struct fake *fake = *state;
	int fd = endpoint_descriptor(&fake->endpoint);

	fake_announce(fake, POLLIN);
	assert_true(readable(fake, fd));
	assert_int_equal(endpoint_look(&fake->endpoint, POLLIN), POLLIN);
}

static void events_choose(void **state)
{
	struct fake *fake = *state;
	int fd = endpoint_descriptor(&fake->endpoint);

	fake_set_ready(fake, POLLOUT);
	endpoint_update(&fake->endpoint);
	assert_false(readable_in(fd, 0));
	endpoint_set_events(&fake->endpoint, POLLOUT);
	assert_true(readable_in(fd, 0));
	endpoint_set_events(&fake->endpoint, POLLIN);
	assert_false(readable_in(fd, 0));
	endpoint_set_events(&fake->endpoint, POLLIN | POLLOUT);
	assert_true(readable_in(fd, 0));
	endpoint_set_events(&fake->endpoint, 0);
	assert_false(readable_in(fd, 0));
	endpoint_set_events(&fake->endpoint, POLLIN);
	fake_set_ready(fake, POLLOUT | POLLERR);
	endpoint_update(&fake->endpoint);
	assert_true(readable_in(fd, 0));
}

/* Whoever sets neither POLLIN nor POLLOUT is not told of an end in their stead. */
static void only_what_was_set_without_bytes(void **state)
{
	static const short others[] = { 0, POLLIN, POLLOUT, POLLHUP, POLLIN | POLLOUT | POLLHUP };
	struct fake *fake = *state;
	int fd = endpoint_descriptor(&fake->endpoint);

	for (size_t at = 0; at < COUNT(others); at++) {
		fake_set_ready(fake, others[at]);
		endpoint_set_events(&fake->endpoint, POLLERR);
		assert_false(readable_in(fd, 0));
		fake_event(fake, others[at] | POLLERR);
		endpoint_attend(&fake->endpoint);
		assert_true(readable_in(fd, 0));
		endpoint_set_events(&fake->endpoint, 0);
		assert_false(readable_in(fd, 0));
	}
}

/* Moving bytes costs nothing then, but the event stays to be taken. */
static void nothing_is_taken_for_bytes_without_interest(void **state)
{
	struct fake *fake = *state;
	int fd = endpoint_descriptor(&fake->endpoint);
	unsigned drains;

	endpoint_set_events(&fake->endpoint, POLLERR);
	drains = fake->drains;
	fake_announce(fake, POLLERR);
	endpoint_update(&fake->endpoint);
	assert_int_equal(fake->drains, drains);
	assert_true(readable_in(fd, 0));
	endpoint_quiet(&fake->endpoint);
	assert_int_equal(endpoint_look(&fake->endpoint, POLLERR), POLLERR);
	assert_true(readable_in(fd, 0));
}

/* As during a connection's set-up. */
static void descriptors_may_change(void **state)
{
	struct fake *fake = *state;
	int fd = endpoint_descriptor(&fake->endpoint);
	int first = fake->fd;

	fake->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	assert_true(fake->fd >= 0);
	endpoint_update(&fake->endpoint);
	assert_int_equal(eventfd_write(first, 1), 0);
	assert_false(readable_in(fd, 0));
	fake_event(fake, POLLIN);
	assert_true(readable(fake, fd));
	close(first);
}

/* A channel's descriptors, when it is bound. */
static void a_number_may_become_anothers_in_the_set_up(void **state)
{
	struct fake *fake = *state;
	int fd, other = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

	fake->endpoint.under_way = true;
	fd = endpoint_descriptor(&fake->endpoint);
	assert_int_equal(dup2(other, fake->fd), fake->fd);
	close(other);
	fake->endpoint.under_way = false;
	endpoint_update(&fake->endpoint);
	fake_event(fake, POLLIN);
	assert_true(readable(fake, fd));
}

static void an_alarm_shows(void **state)
{
	struct fake *fake = *state;
	int fd = endpoint_descriptor(&fake->endpoint);

	endpoint_alarm(&fake->endpoint);
	assert_true(readable_in(fd, 0));
	endpoint_update(&fake->endpoint);
	assert_false(readable_in(fd, 0));
}

static void work_that_is_due_shows(void **state)
{
	struct fake *fake = *state;
	struct deadline due = deadline_in(50);
	int fd;

	fake->due = due;
	fake->at_due = POLLIN;
	fd = endpoint_descriptor(&fake->endpoint);
	assert_true(readable_in(fd, PATIENCE));
	assert_true(deadline_passed(due));
	assert_true(readable(fake, fd));
}

static void work_that_came_up_later_shows(void **state)
{
	struct fake *fake = *state;
	int fd = endpoint_descriptor(&fake->endpoint);

	fake->due = deadline_in(50);
	fake->at_due = POLLIN;
	endpoint_update(&fake->endpoint);
	assert_true(readable_in(fd, PATIENCE));
	assert_true(readable(fake, fd));
}

/* A thread that waits drains what the descriptor's user looks for, too. */
static void shared_with_a_waiting_thread(void **state)
{
	struct fake *fake = *state;
	int fd = endpoint_descriptor(&fake->endpoint);
	struct waiter waiter;

	waiter_start(&waiter, fake, POLLOUT, PATIENCE);
	fake_await_sleeps(fake, 1);
	fake_event(fake, POLLIN);
	assert_true(readable_in(fd, PATIENCE));
	fake_await_sleeps(fake, 2);
	assert_true(readable_in(fd, 0));
	fake_event(fake, POLLIN | POLLOUT);
	assert_int_equal(waiter_join(&waiter), 0);
	assert_true(readable(fake, fd));
}

static void no_descriptors_left(void **state)
{
	struct fake *fake = *state;
	struct rlimit limit, none;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = limit;
	none.rlim_cur = (rlim_t)fake->fd + 4; /* two are free: it takes three */
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_int_equal(endpoint_descriptor(&fake->endpoint), -EMFILE);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_false(endpoint_is_public(&fake->endpoint));
	assert_true(endpoint_descriptor(&fake->endpoint) >= 0);
}

#define WITH_FAKE(name) cmocka_unit_test_setup_teardown(name, open_fake, close_fake)

RUN(WITH_FAKE(one_and_the_same), WITH_FAKE(ready_before_it_was_made),
    WITH_FAKE(stays_readable_until_it_is_not_ready), WITH_FAKE(an_event_for_nothing_passes),
    WITH_FAKE(an_announcement_becomes_ready), WITH_FAKE(events_choose),
    WITH_FAKE(only_what_was_set_without_bytes),
    WITH_FAKE(nothing_is_taken_for_bytes_without_interest), WITH_FAKE(descriptors_may_change),
    WITH_FAKE(a_number_may_become_anothers_in_the_set_up), WITH_FAKE(an_alarm_shows),
    WITH_FAKE(work_that_is_due_shows), WITH_FAKE(work_that_came_up_later_shows),
    WITH_FAKE(shared_with_a_waiting_thread), WITH_FAKE(no_descriptors_left))
