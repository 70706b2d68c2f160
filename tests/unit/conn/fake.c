/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fake.h"

#include <sched.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "../unit.h"

static short fake_ready(struct endpoint *endpoint, short events, struct want want)
{
	struct fake *fake = (struct fake *)endpoint;
	short ready = __atomic_load_n(&fake->ready, __ATOMIC_ACQUIRE);

	(void)want;
	return ready & (events | POLLHUP | POLLERR);
}

static int fake_descriptors(struct endpoint *endpoint, int fds[ENDPOINT_FDS_MAX])
{
	fds[0] = ((struct fake *)endpoint)->fd;
	return 1;
}

static void fake_drain(struct endpoint *endpoint)
{
	struct fake *fake = (struct fake *)endpoint;
	eventfd_t count;

	fake->drains++;
	if (eventfd_read(fake->fd, &count) == 0)
		__atomic_or_fetch(&fake->ready, __atomic_load_n(&fake->announced, __ATOMIC_ACQUIRE),
				  __ATOMIC_RELEASE);
	if (deadline_passed(fake->due)) {
		__atomic_or_fetch(&fake->ready, fake->at_due, __ATOMIC_RELEASE);
		fake->due.never = true;
	}
}

static struct deadline fake_next_work(struct endpoint *endpoint)
{
	return ((struct fake *)endpoint)->due;
}

static const struct endpoint_ops fake_ops = {
	.ready = fake_ready,
	.descriptors = fake_descriptors,
	.drain = fake_drain,
	.next_work = fake_next_work,
};

void fake_open(struct fake *fake)
{
	*fake = (struct fake){ .fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC),
			       .due = { .never = true } };
	assert_true(fake->fd >= 0);
	assert_int_equal(endpoint_init(&fake->endpoint, &fake_ops), 0);
}

void fake_close(struct fake *fake)
{
	endpoint_destroy(&fake->endpoint);
	close(fake->fd);
}

void fake_set_ready(struct fake *fake, short ready)
{
	__atomic_store_n(&fake->ready, ready, __ATOMIC_RELEASE);
}

void fake_event(struct fake *fake, short ready)
{
	fake_set_ready(fake, ready);
	assert_int_equal(eventfd_write(fake->fd, 1), 0);
}

void fake_announce(struct fake *fake, short ready)
{
	__atomic_store_n(&fake->announced, ready, __ATOMIC_RELEASE);
	assert_int_equal(eventfd_write(fake->fd, 1), 0);
}

static void *wait_in_thread(void *argument)
{
	struct waiter *waiter = argument;

	waiter->result =
		endpoint_wait(&waiter->fake->endpoint, waiter->events,
			      (struct want){ .need = 1, .wake = 1 }, deadline_in(waiter->timeout));
	__atomic_store_n(&waiter->done, true, __ATOMIC_RELEASE);
	return NULL;
}

void waiter_start(struct waiter *waiter, struct fake *fake, short events, int timeout)
{
	*waiter = (struct waiter){ .fake = fake, .events = events, .timeout = timeout };
	assert_int_equal(pthread_create(&waiter->thread, NULL, wait_in_thread, waiter), 0);
}

int waiter_join(struct waiter *waiter)
{
	pthread_join(waiter->thread, NULL);
	return waiter->result;
}

bool waiter_done(const struct waiter *waiter)
{
	return __atomic_load_n(&waiter->done, __ATOMIC_ACQUIRE);
}

uint64_t fake_sleeps(struct fake *fake)
{
	uint64_t sleeps;

	pthread_mutex_lock(&fake->endpoint.lock);
	sleeps = fake->endpoint.waits;
	pthread_mutex_unlock(&fake->endpoint.lock);
	return sleeps;
}

void fake_await_sleeps(struct fake *fake, uint64_t count)
{
	struct deadline limit = deadline_in(PATIENCE);

	while (fake_sleeps(fake) < count && !deadline_passed(limit))
		sched_yield();
	assert_true(fake_sleeps(fake) >= count);
}
