/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An endpoint's public descriptor: level-triggered, for any event loop. */
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>

#include "base/error.h"
#include "base/owned.h"
#include "conn/endpoint.h"

void descriptor_init(struct descriptor *descriptor)
{
	*descriptor = (struct descriptor){
		.epoll_fd = -1, .ready_fd = -1, .timer_fd = -1, .events = POLLIN
	};
}

void descriptor_destroy(struct descriptor *descriptor)
{
	close_descriptor(&descriptor->epoll_fd);
	close_descriptor(&descriptor->ready_fd);
	close_descriptor(&descriptor->timer_fd);
}

#define AGAIN 100 /* ms */

static int add(int epoll_fd, int fd)
{
	struct epoll_event event = { .events = EPOLLIN };

	return fd < 0 ? -1 : epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

static bool is_in(int epoll_fd, int fd)
{
	return add(epoll_fd, fd) == 0 || errno == EEXIST;
}

static bool is_among(int fd, const int *fds, int count)
{
	for (int at = 0; at < count; at++)
		if (fds[at] == fd)
			return true;
	return false;
}

/* The platform's descriptors change during a connection's set-up. Each is added whether it is in
 * already or not, as its number may have been another's before; one that was closed has left by
 * itself. After a look at the end of the set-up they only go away. */
static void watch_descriptors(struct endpoint *endpoint)
{
	struct descriptor *descriptor = &endpoint->descriptor;
	int fds[ENDPOINT_FDS_MAX];
	int count = endpoint->ops->descriptors(endpoint, fds);

	if (descriptor->settled && !descriptor->incomplete && count == descriptor->watched_count &&
	    memcmp(fds, descriptor->watched_fds, (size_t)count * sizeof *fds) == 0)
		return;
	descriptor->settled = !endpoint->under_way;
	for (int at = 0; at < descriptor->watched_count; at++)
		if (!is_among(descriptor->watched_fds[at], fds, count))
			epoll_ctl(descriptor->epoll_fd, EPOLL_CTL_DEL, descriptor->watched_fds[at],
				  NULL);
	descriptor->incomplete = false;
	for (int at = 0; at < count; at++) {
		if (!is_in(descriptor->epoll_fd, fds[at]))
			descriptor->incomplete = true;
		descriptor->watched_fds[at] = fds[at];
	}
	descriptor->watched_count = count;
}

void descriptor_forget(struct descriptor *descriptor, int fd)
{
	if (descriptor->epoll_fd >= 0 && fd >= 0)
		epoll_ctl(descriptor->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
}

static void set_timer(struct endpoint *endpoint)
{
	struct descriptor *descriptor = &endpoint->descriptor;
	struct deadline due = endpoint->ops->next_work(endpoint);
	struct itimerspec when = { 0 };

	if (descriptor->incomplete)
		due = deadline_earlier(due, deadline_in(AGAIN));
	/* Mostly there is nothing to wait for, before and after. */
	if (due.never && !descriptor->timer_set)
		return;
	if (!due.never)
		when.it_value = deadline_timespec(due);
	timerfd_settime(descriptor->timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
	descriptor->timer_set = !due.never;
}

static void signal_ready(struct descriptor *descriptor, bool ready)
{
	if (ready == descriptor->signalled)
		return;
	if (ready)
		eventfd_raise(descriptor->ready_fd);
	else
		eventfd_clear(descriptor->ready_fd);
	descriptor->signalled = ready;
}

static bool is_of_bytes(short events)
{
	return (events & (POLLIN | POLLOUT)) != 0;
}

static bool is_ready(struct endpoint *endpoint)
{
	short set = endpoint->descriptor.events;
	short shown = is_of_bytes(set) ? set | POLLHUP | POLLERR : set;

	return (endpoint->ops->ready(endpoint, set, any_byte) & shown) != 0;
}

void descriptor_drained(struct endpoint *endpoint)
{
	struct descriptor *descriptor = &endpoint->descriptor;

	if (descriptor->epoll_fd < 0)
		return;
	if (!endpoint->watched) {
		watch_descriptors(endpoint);
		set_timer(endpoint);
	}
	signal_ready(descriptor, is_ready(endpoint));
}

void descriptor_update(struct endpoint *endpoint)
{
	if (endpoint->descriptor.epoll_fd < 0)
		return;
	if (endpoint->watched || is_ready(endpoint)) {
		signal_ready(&endpoint->descriptor, is_ready(endpoint));
		return;
	}
	/* Not ready, as far as can be seen: take the events, which would hold the descriptor
	 * readable, then look again, as what they announced may be there by now. */
	if (!endpoint_is_calm(endpoint))
		endpoint_drain(endpoint);
	descriptor_drained(endpoint);
}

/* If its user set POLLIN or POLLOUT, or if not. */
static void update(struct endpoint *endpoint, bool of_bytes)
{
	struct failure failure;

	if (!endpoint_is_public(endpoint))
		return;
	/* This ends calls that may have failed, and does work that may fail for others. */
	failure_save(&failure);
	pthread_mutex_lock(&endpoint->lock);
	if (is_of_bytes(endpoint->descriptor.events) == of_bytes)
		descriptor_update(endpoint);
	pthread_mutex_unlock(&endpoint->lock);
	failure_restore(&failure);
}

void endpoint_update(struct endpoint *endpoint)
{
	/* No byte changes anything else, and whoever set nothing else is to pay nothing. */
	update(endpoint, true);
}

void endpoint_quiet(struct endpoint *endpoint)
{
	update(endpoint, false);
}

static int make(struct endpoint *endpoint)
{
	struct descriptor *descriptor = &endpoint->descriptor;
	int fd = own_descriptor(epoll_create1(EPOLL_CLOEXEC));
	int error;

	descriptor->ready_fd = own_descriptor(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
	descriptor->timer_fd =
		own_descriptor(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
	if (fd >= 0 && add(fd, descriptor->ready_fd) == 0 && add(fd, descriptor->timer_fd) == 0 &&
	    add(fd, endpoint->alarm_fd) == 0) {
		__atomic_store_n(&descriptor->epoll_fd, fd, __ATOMIC_RELAXED);
		watch_descriptors(endpoint);
		set_timer(endpoint);
		return 0;
	}
	error = errno;
	close_descriptor(&fd);
	close_descriptor(&descriptor->ready_fd);
	close_descriptor(&descriptor->timer_fd);
	return fail(error, "no descriptors for a socket's poll descriptor: it takes three");
}

int endpoint_descriptor(struct endpoint *endpoint)
{
	int result = 0;

	pthread_mutex_lock(&endpoint->lock);
	if (endpoint->descriptor.epoll_fd < 0)
		result = make(endpoint);
	if (result == 0) {
		descriptor_update(endpoint);
		result = endpoint->descriptor.epoll_fd;
	}
	pthread_mutex_unlock(&endpoint->lock);
	return result;
}

void endpoint_set_events(struct endpoint *endpoint, short events)
{
	pthread_mutex_lock(&endpoint->lock);
	endpoint->descriptor.events = events;
	descriptor_update(endpoint);
	pthread_mutex_unlock(&endpoint->lock);
}
