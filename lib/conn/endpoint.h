/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What listeners and connections share: waiting, by any number of threads, and one descriptor that
 * shows readiness. Below them lie descriptors that only say "look again" and must be drained; when two
 * threads wait on such a one and either drains it, the other would sleep on. So one thread at
 * a time watches the descriptors, the others wait for it to tell them, and whoever drains wakes all.
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

/* How many bytes (to read, or free to write) make an end ready, and, for a writer that has to sleep, how many
 * should be free before it is woken. */
struct want {
	size_t need;
	size_t wake;
};

/* Any thread may call `ready`; the others are called with the endpoint's lock held. */
struct endpoint_ops {
	/* Which of POLLIN and POLLOUT in `events` are ready; those that are not will cause an event on a
	 * descriptor when they are. Also POLLHUP and POLLERR, asked for or not. */
	short (*ready)(struct endpoint *endpoint, short events, struct want want);
	/* The descriptors to poll for POLLIN. */
	int (*descriptors)(struct endpoint *endpoint, int fds[ENDPOINT_FDS_MAX]);
	/* Takes what they announce and does the work that is due, in bounded time. */
	void (*drain)(struct endpoint *endpoint);
	/* When drain has work even without an event. */
	struct deadline (*next_work)(struct endpoint *endpoint);
};

struct endpoint {
	const struct endpoint_ops *ops;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	uint64_t generation; /* counts drains */
	bool watched;        /* a thread polls the descriptors */
	int alarm_fd;        /* an eventfd that wakes that thread, and the descriptor below */
	uint64_t waits;      /* times that a thread slept */

	/* The public descriptor: an epoll instance over the descriptors, and an eventfd that holds it
	 * readable while something of interest is ready. */
	int epoll_fd; /* -1 until asked for */
	int ready_fd;
	int timer_fd; /* for next_work */
	int watched_fds[ENDPOINT_FDS_MAX];
	int watched_count;
	bool signalled;
	short events;         /* set by the user */
	unsigned polled[2];   /* by xsock_poll calls under way: POLLIN, POLLOUT */
};

int endpoint_init(struct endpoint *endpoint, const struct endpoint_ops *ops);
void endpoint_destroy(struct endpoint *endpoint);

/* Waits until one of `events`, POLLHUP or POLLERR is ready. 0, -ETIMEDOUT, -EINTR. */
int endpoint_wait(struct endpoint *endpoint, short events, struct want want,
		  struct deadline deadline);
/* What is ready right now, of `events`. */
short endpoint_look(struct endpoint *endpoint, short events);

/* Something changed that no descriptor tells: wakes all that wait. Any thread. */
void endpoint_alarm(struct endpoint *endpoint);

/* The public descriptor, or -errno. */
int endpoint_descriptor(struct endpoint *endpoint);
void endpoint_set_events(struct endpoint *endpoint, short events);
/* Adds (or takes away) a poller's events and says what is ready of all that is asked. */
void endpoint_poll_begin(struct endpoint *endpoint, short events);
void endpoint_poll_end(struct endpoint *endpoint, short events);
/* Makes the public descriptor true again; to be called after whatever may have changed readiness. */
void endpoint_update(struct endpoint *endpoint);

static inline bool endpoint_is_public(const struct endpoint *endpoint)
{
	return __atomic_load_n(&endpoint->epoll_fd, __ATOMIC_RELAXED) >= 0;
}

#endif
