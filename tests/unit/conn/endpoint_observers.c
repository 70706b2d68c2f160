/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Those who wait for many endpoints at once. */
#include "fake.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include "../unit.h"

struct observed {
	struct fake fake;
	struct observer observers[3];
};

static int open_observed(void **state)
{
	static struct observed observed;

	fake_open(&observed.fake);
	for (size_t at = 0; at < COUNT(observed.observers); at++) {
		observed.observers[at].fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
		endpoint_observe(&observed.fake.endpoint, &observed.observers[at]);
	}
	*state = &observed;
	return 0;
}

static int close_observed(void **state)
{
	struct observed *observed = *state;

	for (size_t at = 0; at < COUNT(observed->observers); at++)
		close(observed->observers[at].fd);
	fake_close(&observed->fake);
	return 0;
}

static bool told(const struct observed *observed, size_t at)
{
	struct pollfd polled = { .fd = observed->observers[at].fd, .events = POLLIN };
	bool raised = poll(&polled, 1, 0) == 1;

	eventfd_clear(observed->observers[at].fd);
	return raised;
}

static void what_to_poll(void **state)
{
	struct fake *fake = &((struct observed *)*state)->fake;
	struct pollfd polled[ENDPOINT_FDS_MAX + 1];
	struct deadline work = { .never = true };

	assert_int_equal(endpoint_gather(&fake->endpoint, polled, &work), 2);
	assert_true(work.never);
	assert_int_equal(poll(polled, 2, 0), 0);
	fake_event(fake, POLLIN);
	assert_int_equal(poll(polled, 2, 0), 1);
	endpoint_attend(&fake->endpoint);
	assert_int_equal(poll(polled, 2, 0), 0);
	endpoint_alarm(&fake->endpoint);
	assert_int_equal(poll(polled, 2, 0), 1);
	endpoint_attend(&fake->endpoint);
	assert_int_equal(poll(polled, 2, 0), 0);
}

static void until_when(void **state)
{
	struct fake *fake = &((struct observed *)*state)->fake;
	struct pollfd polled[ENDPOINT_FDS_MAX + 1];
	struct deadline work = deadline_in(100);

	fake->due = deadline_in(5000);
	endpoint_gather(&fake->endpoint, polled, &work);
	assert_true(work.at < fake->due.at);
	work = deadline_in(100000);
	endpoint_gather(&fake->endpoint, polled, &work);
	assert_int_equal(work.at, fake->due.at);
}

static void all_are_told_of_a_drain(void **state)
{
	struct observed *observed = *state;

	for (size_t at = 0; at < 3; at++)
		assert_false(told(observed, at));
	endpoint_attend(&observed->fake.endpoint);
	for (size_t at = 0; at < 3; at++)
		assert_true(told(observed, at));
}

static void they_leave_in_any_order(void **state)
{
	struct observed *observed = *state;
	struct endpoint *endpoint = &observed->fake.endpoint;

	endpoint_unobserve(endpoint, &observed->observers[1]);
	endpoint_attend(endpoint);
	assert_true(told(observed, 0));
	assert_false(told(observed, 1));
	assert_true(told(observed, 2));
	endpoint_unobserve(endpoint, &observed->observers[2]);
	endpoint_unobserve(endpoint, &observed->observers[0]);
	endpoint_attend(endpoint);
	for (size_t at = 0; at < 3; at++)
		assert_false(told(observed, at));
}

/* A thread that waits has taken the event: the observers learn it from it. */
static void a_waiting_thread_tells(void **state)
{
	struct observed *observed = *state;
	struct pollfd polled = { .fd = observed->observers[0].fd, .events = POLLIN };
	struct waiter waiter;
	unsigned drains;

	waiter_start(&waiter, &observed->fake, POLLOUT, PATIENCE);
	fake_await_sleeps(&observed->fake, 1);
	endpoint_attend(&observed->fake.endpoint);
	pthread_mutex_lock(&observed->fake.endpoint.lock);
	drains = observed->fake.drains;
	pthread_mutex_unlock(&observed->fake.endpoint.lock);
	assert_int_equal(drains, 0);
	fake_event(&observed->fake, POLLIN);
	assert_int_equal(poll(&polled, 1, PATIENCE), 1);
	assert_int_equal(endpoint_look(&observed->fake.endpoint, POLLIN), POLLIN);
	fake_event(&observed->fake, POLLOUT);
	assert_int_equal(waiter_join(&waiter), 0);
}

#define OBSERVED(name) cmocka_unit_test_setup_teardown(name, open_observed, close_observed)

RUN(OBSERVED(what_to_poll), OBSERVED(until_when), OBSERVED(all_are_told_of_a_drain),
    OBSERVED(they_leave_in_any_order), OBSERVED(a_waiting_thread_tells))
