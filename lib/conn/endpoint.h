/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What listeners and connections share: waiting, by any number of threads, and one descriptor that
 * shows readiness. Below them lie descriptors that only say "look again" and must be drained; when
 * two threads wait on such a one and either drains it, the other would sleep on. So of the threads
 * that wait on this endpoint alone one watches the descriptors, the others wait for it to tell
 * them; and whoever drains tells all, those too who wait for many endpoints (observers).
 */
#ifndef XSOCK_CONN_ENDPOINT_H
#define XSOCK_CONN_ENDPOINT_H

#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/deadline.h"

#define ENDPOINT_FDS_MAX 5

struct endpoint;

/* How many bytes (to read, or free to write) make an end ready, and, for a writer that has to
 * sleep, how many should be free before it is woken. */
struct want {
	size_t need;
	size_t wake;
};

extern const struct want any_byte;

/* Any thread may call `ready`; the others are called with the endpoint's lock held. */
struct endpoint_ops {
	/* Which of POLLIN and POLLOUT in `events` are ready; those that are not will cause an event
	 * on a descriptor when they are. Also POLLHUP and POLLERR, asked for or not; POLLERR that
	 * is asked for says a little more, see xsock_poll. */
	short (*ready)(struct endpoint *endpoint, short events, struct want want);
	/* The descriptors to poll for POLLIN. */
	int (*descriptors)(struct endpoint *endpoint, int fds[ENDPOINT_FDS_MAX]);
	/* Takes what they announce and does the work that is due, in bounded time. */
	void (*drain)(struct endpoint *endpoint);
	/* When drain has work even without an event. */
	struct deadline (*next_work)(struct endpoint *endpoint);
	/* Nothing has changed since the last drain of which an event could tell, but for a death.
	 * May be NULL: that cannot be said. */
	bool (*is_calm)(struct endpoint *endpoint);
};

/* The public descriptor: an epoll instance over the endpoint's descriptors, and an eventfd that
 * holds it readable while something of interest is ready. */
struct descriptor {
	int epoll_fd; /* -1 until asked for */
	int ready_fd;
	int timer_fd; /* for next_work */
	int watched_fds[ENDPOINT_FDS_MAX];
	int watched_count;
	bool incomplete; /* one of them could not be added: tried again by the timer */
	bool settled;    /* all were looked at after the set-up */
	bool timer_set;
	bool signalled;
	short events; /* of interest; POLLHUP and POLLERR come along with POLLIN and POLLOUT */
};

/* Somebody who polls many endpoints' descriptors: told by `fd`, an eventfd, when others drain them.
 */
struct observer {
	struct observer *next;
	int fd;
	short events; /* that it waits for */
};

struct endpoint {
	const struct endpoint_ops *ops;
	pthread_mutex_t lock;
	uint32_t generation; /* counts drains; a futex */
	unsigned followers;  /* threads that sleep on it */
	unsigned waiting[2]; /* threads that wait for POLLIN, for POLLOUT, observers too */
	bool watched;        /* a thread polls the descriptors */
	bool asks;           /* it asks them for a moment before it sleeps: nothing else tells */
	bool under_way;      /* a set-up: the descriptors may change */
	int alarm_fd;        /* an eventfd among the descriptors, for endpoint_alarm */
	bool alarmed;        /* alarm_fd is to be cleared */
	struct deadline calm_until; /* no drain is needed before, while it is calm */
	uint64_t waits;             /* times that a thread slept */
	struct observer *observers;
	struct descriptor descriptor;
};

int endpoint_init(struct endpoint *endpoint, const struct endpoint_ops *ops);
void endpoint_destroy(struct endpoint *endpoint);

/* Waits until one of `events`, POLLHUP or POLLERR is ready. 0, -ETIMEDOUT, -EINTR. */
int endpoint_wait(struct endpoint *endpoint, short events, struct want want,
		  struct deadline deadline);
/* The same for a caller that then looks itself, and comes back when it finds nothing: once the
 * deadline has passed only one more look is granted, as a peer can show each `ready` a word, and
 * take it away again before the look. */
int endpoint_wait_to_look(struct endpoint *endpoint, short events, struct want want,
			  struct deadline *deadline);
/* For a call that does not wait, and found nothing: takes what has happened, if nobody has for a
 * millisecond; true when the caller is to look again. No event is asked for, so not while the
 * public descriptor has to show one. True once at most for each `deadline`, 0 at first and passed
 * then. */
bool endpoint_glance(struct endpoint *endpoint, struct deadline *deadline);
/* What is ready right now, of `events`. */
short endpoint_look(struct endpoint *endpoint, short events);

/* Something changed that no descriptor tells: wakes all that wait. Any thread. */
void endpoint_alarm(struct endpoint *endpoint);

/* With the lock held: somebody else, too, waits for the event, maybe content with less. The mark in
 * the ring is one for all of them. */
bool endpoint_is_shared(const struct endpoint *endpoint, short event);

/* For those who wait for many endpoints: which descriptors to poll, until when at most, and what to
 * do when one of them is readable. */
void endpoint_observe(struct endpoint *endpoint, struct observer *observer);
void endpoint_unobserve(struct endpoint *endpoint, struct observer *observer);
int endpoint_gather(struct endpoint *endpoint, struct pollfd polled[ENDPOINT_FDS_MAX + 1],
		    struct deadline *work);
void endpoint_attend(struct endpoint *endpoint);

/* The public descriptor, or -errno. */
int endpoint_descriptor(struct endpoint *endpoint);
void endpoint_set_events(struct endpoint *endpoint, short events);
/* Makes it true again; to be called after bytes were moved or accepted, or might have been. */
void endpoint_update(struct endpoint *endpoint);
/* The same for a user who set neither POLLIN nor POLLOUT, and polls to learn what woke it. */
void endpoint_quiet(struct endpoint *endpoint);

static inline bool endpoint_is_public(const struct endpoint *endpoint)
{
	return __atomic_load_n(&endpoint->descriptor.epoll_fd, __ATOMIC_RELAXED) >= 0;
}

/* -- for endpoint.c and descriptor.c, with the lock held -- */

/* Takes all events and tells everybody; only while nobody watches. */
void endpoint_drain(struct endpoint *endpoint);
/* A drain would be system calls in vain. */
bool endpoint_is_calm(struct endpoint *endpoint);
void descriptor_init(struct descriptor *descriptor);
void descriptor_destroy(struct descriptor *descriptor);
void descriptor_update(struct endpoint *endpoint);
/* The same right after endpoint_drain. */
void descriptor_drained(struct endpoint *endpoint);
/* The endpoint is about to close this one of its descriptors. */
void descriptor_forget(struct descriptor *descriptor, int fd);

/* Of an eventfd. */
void eventfd_raise(int fd);
void eventfd_clear(int fd);

#endif
