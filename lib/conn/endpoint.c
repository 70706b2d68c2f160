/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conn/endpoint.h"

#include <limits.h>
#include <linux/futex.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.h"
#include "base/owned.h"
#include "base/spin.h"

/* ms for which a death may go unnoticed by calls that do not wait; those that do have an event for
 * it. */
#define CALM_MOST 1
#define LONG_AGO 1 /* a deadline's moment */

const struct want any_byte = { .need = 1, .wake = SIZE_MAX };

int endpoint_init(struct endpoint *endpoint, const struct endpoint_ops *ops)
{
	*endpoint = (struct endpoint){ .ops = ops };
	endpoint->alarm_fd = own_descriptor(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
	if (endpoint->alarm_fd < 0)
		return fail(errno, "no descriptor for a socket's eventfd");
	descriptor_init(&endpoint->descriptor);
	pthread_mutex_init(&endpoint->lock, NULL);
	return 0;
}

void endpoint_destroy(struct endpoint *endpoint)
{
	descriptor_destroy(&endpoint->descriptor);
	close_descriptor(&endpoint->alarm_fd);
	pthread_mutex_destroy(&endpoint->lock);
}

void eventfd_raise(int fd)
{
	uint64_t one = 1;

	/* Fails only when the counter is full: then it is readable anyway. */
	if (write(fd, &one, sizeof one) < 0)
		return;
}

void eventfd_clear(int fd)
{
	uint64_t count;

	if (read(fd, &count, sizeof count) < 0)
		return;
}

void endpoint_alarm(struct endpoint *endpoint)
{
	eventfd_raise(endpoint->alarm_fd);
	/* In this order: the other way round a drain in between would clear too early, and none
	 * would later. */
	__atomic_store_n(&endpoint->alarmed, true, __ATOMIC_RELEASE);
}

void endpoint_drain(struct endpoint *endpoint)
{
	/* Alarms are rare, drains are not. */
	if (__atomic_exchange_n(&endpoint->alarmed, false, __ATOMIC_ACQ_REL))
		eventfd_clear(endpoint->alarm_fd);
	endpoint->calm_until = deadline_in(CALM_MOST);
	endpoint->ops->drain(endpoint);
	__atomic_fetch_add(&endpoint->generation, 1, __ATOMIC_RELEASE);
	if (endpoint->followers > 0)
		syscall(SYS_futex, &endpoint->generation, FUTEX_WAKE_PRIVATE, INT_MAX);
	for (struct observer *at = endpoint->observers; at != NULL; at = at->next)
		eventfd_raise(at->fd);
}

bool endpoint_is_calm(struct endpoint *endpoint)
{
	return endpoint->ops->is_calm != NULL &&
	       !__atomic_load_n(&endpoint->alarmed, __ATOMIC_ACQUIRE) &&
	       endpoint->ops->is_calm(endpoint) && !deadline_passed(endpoint->calm_until);
}

short endpoint_look(struct endpoint *endpoint, short events)
{
	short ready;

	pthread_mutex_lock(&endpoint->lock);
	ready = endpoint->ops->ready(endpoint, events, any_byte);
	pthread_mutex_unlock(&endpoint->lock);
	return ready;
}

/* ------------------------------------------------------------------ one endpoint */

static int poll_entries(struct endpoint *endpoint, struct pollfd polled[ENDPOINT_FDS_MAX + 1])
{
	int fds[ENDPOINT_FDS_MAX];
	int count = endpoint->ops->descriptors(endpoint, fds);

	for (int at = 0; at < count; at++)
		polled[at] = (struct pollfd){ .fd = fds[at], .events = POLLIN };
	polled[count] = (struct pollfd){ .fd = endpoint->alarm_fd, .events = POLLIN };
	return count + 1;
}

struct polled {
	struct pollfd *entries;
	int count;
	int *ready;
};

/* Or a signal was caught. */
static bool any_readable(const void *what)
{
	const struct polled *polled = what;

	*polled->ready = poll(polled->entries, (nfds_t)polled->count, 0);
	return *polled->ready != 0;
}

/* As poll(2). */
static int ask_and_poll(struct pollfd *entries, int count, int timeout)
{
	static _Thread_local struct spin spin = SPIN_INITIALIZER;
	int ready;
	struct polled polled = { entries, count, &ready };

	if (timeout != 0 && spin_for(&spin, any_readable, &polled))
		return ready;
	return poll(entries, (nfds_t)count, timeout);
}

/* As the one thread that watches: sleeps on the descriptors. 0, -EINTR or why it cannot. */
static int watch(struct endpoint *endpoint, struct deadline deadline)
{
	struct pollfd polled[ENDPOINT_FDS_MAX + 1];
	int count = poll_entries(endpoint, polled);
	int timeout = deadline_left(deadline_earlier(deadline, endpoint->ops->next_work(endpoint)));
	bool asks = endpoint->asks;
	int ready, error;

	endpoint->watched = true;
	endpoint->waits++;
	pthread_mutex_unlock(&endpoint->lock);

	ready = asks ? ask_and_poll(polled, count, timeout) : poll(polled, (nfds_t)count, timeout);
	error = ready < 0 ? errno : 0;

	pthread_mutex_lock(&endpoint->lock);
	endpoint->watched = false;
	endpoint_drain(endpoint);
	descriptor_update(endpoint);
	if (error == 0)
		return 0;
	return fail(error, "%s",
		    error == EINTR ? "a signal was caught while waiting"
				   : "polling the socket's descriptors failed");
}

/* Another thread watches: sleeps until it, or time, tells. Not by a condition variable, as no
 * signal ends such a wait, and a forked child could never destroy one that its parent's threads
 * wait for. A sleep without a time limit would go on after a handler with SA_RESTART. 0 or -EINTR.
 */
static int follow(struct endpoint *endpoint, struct deadline deadline)
{
	uint32_t generation = endpoint->generation;
	struct timespec until = deadline_timespec(deadline_earlier(deadline, deadline_in(INT_MAX)));
	bool interrupted;

	endpoint->waits++;
	endpoint->followers++;
	pthread_mutex_unlock(&endpoint->lock);

	interrupted = syscall(SYS_futex, &endpoint->generation, FUTEX_WAIT_BITSET_PRIVATE,
			      generation, &until, NULL, FUTEX_BITSET_MATCH_ANY) < 0 &&
		      errno == EINTR;

	pthread_mutex_lock(&endpoint->lock);
	endpoint->followers--;
	return interrupted ? fail(EINTR, "a signal was caught while waiting") : 0;
}

static void count_waiting(struct endpoint *endpoint, short events, unsigned change)
{
	if ((events & POLLIN) != 0)
		endpoint->waiting[0] += change;
	if ((events & POLLOUT) != 0)
		endpoint->waiting[1] += change;
}

bool endpoint_is_shared(const struct endpoint *endpoint, short event)
{
	unsigned count = endpoint->waiting[event == POLLOUT];

	if (endpoint_is_public(endpoint) && (endpoint->descriptor.events & event) != 0)
		count++;
	return count > 1;
}

int endpoint_wait(struct endpoint *endpoint, short events, struct want want,
		  struct deadline deadline)
{
	bool late = false;
	int error = 0;

	pthread_mutex_lock(&endpoint->lock);
	count_waiting(endpoint, events, 1u);
	for (;;) {
		/* First of all: a signal that comes together with what was waited for loses
		 * nothing. */
		bool ready = endpoint->ops->ready(endpoint, events, want) != 0;

		if (ready || error != 0) {
			error = ready ? 0 : error;
			break;
		}
		/* The lock is held since the look above: nobody can have drained in between. */
		if (late) {
			error = fail_often(ETIMEDOUT, "the time limit passed", 0, NULL);
		} else if (deadline_passed(deadline)) {
			/* Whoever does not wait at all gets what has happened already, too. */
			late = true;
			if (!endpoint->watched && !endpoint_is_calm(endpoint)) {
				endpoint_drain(endpoint);
				descriptor_drained(endpoint);
			}
		} else if (endpoint->watched) {
			error = follow(endpoint, deadline);
		} else {
			error = watch(endpoint, deadline);
		}
	}
	count_waiting(endpoint, events, -1u);
	pthread_mutex_unlock(&endpoint->lock);
	return error;
}

int endpoint_wait_to_look(struct endpoint *endpoint, short events, struct want want,
			  struct deadline *deadline)
{
	int error;

	if (!deadline->never && deadline->at == LONG_AGO)
		return fail_often(ETIMEDOUT, "the time limit passed", 0, NULL);
	error = endpoint_wait(endpoint, events, want, *deadline);
	if (error == 0 && deadline_passed(*deadline))
		deadline->at = LONG_AGO;
	return error;
}

bool endpoint_glance(struct endpoint *endpoint, struct deadline *deadline)
{
	bool due;

	/* A drain can take longer than the calm after it, by a peer's doing: who looked again each
	 * time would never be done. */
	if (deadline->at != 0)
		return false;
	deadline->at = LONG_AGO;
	pthread_mutex_lock(&endpoint->lock);
	due = !endpoint->watched && (__atomic_load_n(&endpoint->alarmed, __ATOMIC_ACQUIRE) ||
				     deadline_passed(endpoint->calm_until));
	if (due) {
		endpoint_drain(endpoint);
		/* Another thread may have made the descriptor since the caller looked. */
		descriptor_drained(endpoint);
	}
	pthread_mutex_unlock(&endpoint->lock);
	return due;
}

/* ------------------------------------------------------------------ many endpoints */

void endpoint_observe(struct endpoint *endpoint, struct observer *observer)
{
	pthread_mutex_lock(&endpoint->lock);
	observer->next = endpoint->observers;
	endpoint->observers = observer;
	count_waiting(endpoint, observer->events, 1u);
	pthread_mutex_unlock(&endpoint->lock);
}

void endpoint_unobserve(struct endpoint *endpoint, struct observer *observer)
{
	struct observer **at = &endpoint->observers;

	pthread_mutex_lock(&endpoint->lock);
	while (*at != observer)
		at = &(*at)->next;
	*at = observer->next;
	count_waiting(endpoint, observer->events, -1u);
	pthread_mutex_unlock(&endpoint->lock);
}

int endpoint_gather(struct endpoint *endpoint, struct pollfd polled[ENDPOINT_FDS_MAX + 1],
		    struct deadline *work)
{
	int count;

	pthread_mutex_lock(&endpoint->lock);
	count = poll_entries(endpoint, polled);
	*work = deadline_earlier(*work, endpoint->ops->next_work(endpoint));
	pthread_mutex_unlock(&endpoint->lock);
	return count;
}

void endpoint_attend(struct endpoint *endpoint)
{
	pthread_mutex_lock(&endpoint->lock);
	/* Whoever watches takes the events, and tells this thread as an observer. */
	if (!endpoint->watched)
		endpoint_drain(endpoint);
	descriptor_update(endpoint);
	pthread_mutex_unlock(&endpoint->lock);
}
