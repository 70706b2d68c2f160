/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Waiting for up to SET_SIZE descriptors, by each of the calls for it. */
#include "actor.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <time.h>
#include <unistd.h>

#define LOOKS 1000

int __poll_chk(struct pollfd *entries, nfds_t count, int limit, size_t room);
int __ppoll_chk(struct pollfd *entries, nfds_t count, const struct timespec *limit,
		const sigset_t *mask, size_t room);

static void say_slot(struct reply *reply, const struct request *request, int at, unsigned events)
{
	char name[16];

	snprintf(name, sizeof name, "slot%d", request->set[at].slot);
	say_events(reply, name, events);
}

/* The kernel tells of a reset in two steps, tcp_reset: who looks in between sees the error without the end. */
static void look_again(struct pollfd *entries, nfds_t count)
{
	for (nfds_t at = 0; at < count; at++)
		for (int look = 0; look < LOOKS && entries[at].revents == POLLERR; look++)
			poll(&entries[at], 1, 0);
}

static void wait_poll(const struct request *request, struct reply *reply)
{
	struct timespec limit = { .tv_sec = request->argument / 1000,
				  .tv_nsec = request->argument % 1000 * 1000000 };
	struct pollfd entries[SET_SIZE];
	nfds_t count = (nfds_t)request->set_count;

	for (int at = 0; at < request->set_count; at++)
		entries[at] = (struct pollfd){ .fd = slots[request->set[at].slot],
					       .events = (short)request->set[at].events };
	if (request->variant == 0)
		outcome(reply, poll(entries, count, (int)request->argument));
	else if (request->variant == 1)
		outcome(reply, ppoll(entries, count, &limit, NULL));
	else if (request->variant == 5)
		outcome(reply, __poll_chk(entries, count, (int)request->argument, sizeof entries));
	else
		outcome(reply, __ppoll_chk(entries, count, &limit, NULL, sizeof entries));
	look_again(entries, count);
	for (int at = 0; at < request->set_count; at++)
		say_slot(reply, request, at, (unsigned short)entries[at].revents);
}

static bool fill_sets(const struct request *request, fd_set sets[3], int *highest)
{
	static const int events[3] = { POLLIN, POLLOUT, POLLPRI };

	*highest = -1;
	for (int kind = 0; kind < 3; kind++)
		FD_ZERO(&sets[kind]);
	for (int at = 0; at < request->set_count; at++) {
		int fd = slots[request->set[at].slot];

		if (fd >= FD_SETSIZE)
			return false;
		*highest = fd > *highest ? fd : *highest;
		for (int kind = 0; kind < 3; kind++)
			if (request->set[at].events & events[kind])
				FD_SET(fd, &sets[kind]);
	}
	return true;
}

static void wait_select(const struct request *request, struct reply *reply)
{
	struct timespec limit = { .tv_sec = request->argument / 1000,
				  .tv_nsec = request->argument % 1000 * 1000000 };
	struct timeval time = { .tv_sec = limit.tv_sec, .tv_usec = limit.tv_nsec / 1000 };
	fd_set sets[3];
	int highest;

	if (!fill_sets(request, sets, &highest)) {
		say(reply, " too high for select");
		return;
	}
	if (request->variant == 2)
		outcome(reply, select(highest + 1, &sets[0], &sets[1], &sets[2], &time));
	else
		outcome(reply, pselect(highest + 1, &sets[0], &sets[1], &sets[2], &limit, NULL));
	for (int at = 0; at < request->set_count; at++) {
		int fd = slots[request->set[at].slot];

		say_slot(reply, request, at,
			 (FD_ISSET(fd, &sets[0]) ? POLLIN : 0u) |
				 (FD_ISSET(fd, &sets[1]) ? POLLOUT : 0u) |
				 (FD_ISSET(fd, &sets[2]) ? POLLPRI : 0u));
	}
}

static void wait_epoll(const struct request *request, struct reply *reply)
{
	struct epoll_event events[SET_SIZE];
	unsigned seen[SET_SIZE] = { 0 };
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	for (int at = 0; at < request->set_count; at++) {
		struct epoll_event event = { .events = (unsigned)request->set[at].events,
					     .data.u32 = (unsigned)at };

		if (epoll_ctl(epoll, EPOLL_CTL_ADD, slots[request->set[at].slot], &event) != 0)
			say(reply, " add %d", errno);
	}
	outcome(reply, epoll_wait(epoll, events, SET_SIZE, (int)request->argument));
	for (int at = 0; at < reply->result; at++)
		seen[events[at].data.u32] = events[at].events;
	for (int at = 0; at < request->set_count; at++)
		say_slot(reply, request, at, seen[at]);
	close(epoll);
}

void act_wait(struct actor *actor, const struct request *request, struct reply *reply)
{
	(void)actor;
	if (request->variant == 2 || request->variant == 3)
		wait_select(request, reply);
	else if (request->variant == 4)
		wait_epoll(request, reply);
	else
		wait_poll(request, reply);
}
