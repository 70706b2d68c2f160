/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conn/endpoint.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/error.h"
#include "base/fork.h"

static const struct want any_byte = { .need = 1, .wake = SIZE_MAX };

int endpoint_init(struct endpoint *endpoint, const struct endpoint_ops *ops)
{
	pthread_condattr_t attributes;

	*endpoint = (struct endpoint){ .ops = ops,
				       .alarm_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC),
				       .epoll_fd = -1,
				       .ready_fd = -1,
				       .timer_fd = -1,
				       .events = POLLIN };
	if (endpoint->alarm_fd < 0)
		return fail(errno, "no descriptor for a socket's eventfd");
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_mutex_init(&endpoint->lock, NULL);
	pthread_cond_init(&endpoint->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	return 0;
}

void endpoint_destroy(struct endpoint *endpoint)
{
	close_descriptor(&endpoint->epoll_fd);
	close_descriptor(&endpoint->ready_fd);
	close_descriptor(&endpoint->timer_fd);
	close_descriptor(&endpoint->alarm_fd);
	pthread_cond_destroy(&endpoint->changed);
	pthread_mutex_destroy(&endpoint->lock);
}

static void raise_eventfd(int fd)
{
	uint64_t one = 1;

	/* Fails only when the counter is full: then it is readable anyway. */
	if (write(fd, &one, sizeof one) < 0)
		return;
}

static void clear_eventfd(int fd)
{
	uint64_t count;

	if (read(fd, &count, sizeof count) < 0)
		return;
}

void endpoint_alarm(struct endpoint *endpoint)
{
	raise_eventfd(endpoint->alarm_fd);
}

/* With the lock held, by the one thread that may: takes all events and tells everybody. */
static void drain(struct endpoint *endpoint)
{
	clear_eventfd(endpoint->alarm_fd);
	endpoint->ops->drain(endpoint);
	endpoint->generation++;
	pthread_cond_broadcast(&endpoint->changed);
}

/* ------------------------------------------------------------------ the public descriptor */

static short interest(const struct endpoint *endpoint)
{
	short events = endpoint->events;

	if (endpoint->polled[0] > 0)
		events |= POLLIN;
	if (endpoint->polled[1] > 0)
		events |= POLLOUT;
	return events;
}

/* The platform's descriptors change during a connection's set-up. */
static void register_descriptors(struct endpoint *endpoint)
{
	int fds[ENDPOINT_FDS_MAX];
	int count = endpoint->ops->descriptors(endpoint, fds);

	if (count == endpoint->watched_count &&
	    memcmp(fds, endpoint->watched_fds, (size_t)count * sizeof fds[0]) == 0)
		return;
	for (int at = 0; at < endpoint->watched_count; at++)
		epoll_ctl(endpoint->epoll_fd, EPOLL_CTL_DEL, endpoint->watched_fds[at], NULL);
	endpoint->watched_count = 0;
	for (int at = 0; at < count; at++) {
		struct epoll_event event = { .events = EPOLLIN };

		epoll_ctl(endpoint->epoll_fd, EPOLL_CTL_ADD, fds[at], &event);
		endpoint->watched_fds[endpoint->watched_count++] = fds[at];
	}
}

static void set_timer(struct endpoint *endpoint)
{
	struct deadline due = endpoint->ops->next_work(endpoint);
	struct itimerspec when = { 0 };

	if (!due.never)
		when.it_value = deadline_timespec(due);
	timerfd_settime(endpoint->timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
}

static void signal_ready(struct endpoint *endpoint, bool ready)
{
	if (ready == endpoint->signalled)
		return;
	if (ready)
		raise_eventfd(endpoint->ready_fd);
	else
		clear_eventfd(endpoint->ready_fd);
	endpoint->signalled = ready;
}

/* With the lock held. */
static void update(struct endpoint *endpoint)
{
	short events = interest(endpoint);

	if (endpoint->epoll_fd < 0)
		return;
	if (endpoint->ops->ready(endpoint, events, any_byte) == 0 && !endpoint->watched) {
		/* Not ready, as far as can be seen: take the events, which would hold the descriptor
		 * readable, then look again, as what they announced may be there by now. */
		drain(endpoint);
		register_descriptors(endpoint);
		set_timer(endpoint);
	}
	signal_ready(endpoint, endpoint->ops->ready(endpoint, events, any_byte) != 0);
}

void endpoint_update(struct endpoint *endpoint)
{
	pthread_mutex_lock(&endpoint->lock);
	update(endpoint);
	pthread_mutex_unlock(&endpoint->lock);
}

static int watch_fixed(int epoll_fd, int fd)
{
	struct epoll_event event = { .events = EPOLLIN };

	return fd < 0 ? -1 : epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

static int make_public(struct endpoint *endpoint)
{
	int fd = epoll_create1(EPOLL_CLOEXEC);
	int error;

	endpoint->ready_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	endpoint->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (fd >= 0 && watch_fixed(fd, endpoint->ready_fd) == 0 &&
	    watch_fixed(fd, endpoint->timer_fd) == 0 &&
	    watch_fixed(fd, endpoint->alarm_fd) == 0) {
		__atomic_store_n(&endpoint->epoll_fd, fd, __ATOMIC_RELAXED);
		register_descriptors(endpoint);
		set_timer(endpoint);
		return 0;
	}
	error = errno;
	close_descriptor(&fd);
	close_descriptor(&endpoint->ready_fd);
	close_descriptor(&endpoint->timer_fd);
	return fail(error, "no descriptors for a socket's poll descriptor: it takes three");
}

int endpoint_descriptor(struct endpoint *endpoint)
{
	int error = 0;

	pthread_mutex_lock(&endpoint->lock);
	if (endpoint->epoll_fd < 0)
		error = make_public(endpoint);
	update(endpoint);
	pthread_mutex_unlock(&endpoint->lock);
	return error != 0 ? error : endpoint->epoll_fd;
}

void endpoint_set_events(struct endpoint *endpoint, short events)
{
	pthread_mutex_lock(&endpoint->lock);
	endpoint->events = events;
	update(endpoint);
	pthread_mutex_unlock(&endpoint->lock);
}

static void count_poller(struct endpoint *endpoint, short events, unsigned change)
{
	pthread_mutex_lock(&endpoint->lock);
	if ((events & POLLIN) != 0)
		endpoint->polled[0] += change;
	if ((events & POLLOUT) != 0)
		endpoint->polled[1] += change;
	update(endpoint);
	pthread_mutex_unlock(&endpoint->lock);
}

void endpoint_poll_begin(struct endpoint *endpoint, short events)
{
	count_poller(endpoint, events, 1u);
}

void endpoint_poll_end(struct endpoint *endpoint, short events)
{
	count_poller(endpoint, events, -1u);
}

/* ------------------------------------------------------------------ blocking */

/* As the one thread that watches: sleeps on the descriptors. */
static int watch(struct endpoint *endpoint, struct deadline deadline)
{
	struct pollfd polled[ENDPOINT_FDS_MAX + 1];
	int fds[ENDPOINT_FDS_MAX];
	int count = endpoint->ops->descriptors(endpoint, fds);
	int timeout = deadline_left(
		deadline_earlier(deadline, endpoint->ops->next_work(endpoint)));
	int result;

	for (int at = 0; at < count; at++)
		polled[at] = (struct pollfd){ .fd = fds[at], .events = POLLIN };
	polled[count] = (struct pollfd){ .fd = endpoint->alarm_fd, .events = POLLIN };
	endpoint->watched = true;
	endpoint->waits++;
	pthread_mutex_unlock(&endpoint->lock);

	result = poll(polled, (nfds_t)count + 1, timeout) < 0 ? -errno : 0;

	pthread_mutex_lock(&endpoint->lock);
	endpoint->watched = false;
	drain(endpoint);
	update(endpoint);
	return result == -EINTR ? -EINTR : 0;
}

/* Another thread watches: sleeps until it, or time, tells. */
static void follow(struct endpoint *endpoint, uint64_t generation, struct deadline deadline)
{
	struct timespec until;

	endpoint->waits++;
	if (deadline.never) {
		while (endpoint->generation == generation && endpoint->watched)
			pthread_cond_wait(&endpoint->changed, &endpoint->lock);
		return;
	}
	until = deadline_timespec(deadline);
	while (endpoint->generation == generation && endpoint->watched &&
	       pthread_cond_timedwait(&endpoint->changed, &endpoint->lock, &until) == 0)
		continue;
}

short endpoint_look(struct endpoint *endpoint, short events)
{
	short ready;

	pthread_mutex_lock(&endpoint->lock);
	ready = endpoint->ops->ready(endpoint, events, any_byte);
	pthread_mutex_unlock(&endpoint->lock);
	return ready;
}

int endpoint_wait(struct endpoint *endpoint, short events, struct want want,
		  struct deadline deadline)
{
	bool late = false;
	int error = 0;

	pthread_mutex_lock(&endpoint->lock);
	for (;;) {
		/* First of all: a signal that comes together with what was waited for loses nothing. */
		bool ready = endpoint->ops->ready(endpoint, events, want) != 0;

		if (ready || error != 0) {
			error = ready ? 0 : error;
			break;
		}
		/* The lock is held since the look above: nobody can have drained in between. */
		if (late) {
			error = fail(ETIMEDOUT, "the time limit passed");
		} else if (deadline_passed(deadline)) {
			/* Whoever does not wait at all gets what has happened already, too. */
			late = true;
			if (!endpoint->watched)
				drain(endpoint);
		} else if (endpoint->watched) {
			follow(endpoint, endpoint->generation, deadline);
		} else if (watch(endpoint, deadline) == -EINTR) {
			error = fail(EINTR, "a signal was caught while waiting");
		}
	}
	pthread_mutex_unlock(&endpoint->lock);
	return error;
}
