/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* epoll instances that live on, with what was registered when. */
#include "actor.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#define NESTED 1000
#define MOST 32

void act_epoll_open(struct actor *actor, const struct request *request, struct reply *reply)
{
	(void)actor;
	epolls[request->other] = request->variant ? epoll_create(5) : epoll_create1(EPOLL_CLOEXEC);
	outcome_descriptor(reply, epolls[request->other]);
}

void act_epoll_close(struct actor *actor, const struct request *request, struct reply *reply)
{
	(void)actor;
	outcome(reply, close(epolls[request->other]));
	epolls[request->other] = -1;
}

/* `argument` tells in results which registration it was. */
void act_epoll_set(struct actor *actor, const struct request *request, struct reply *reply)
{
	static const int operations[3] = { EPOLL_CTL_ADD, EPOLL_CTL_MOD, EPOLL_CTL_DEL };
	struct epoll_event event = { .events = (unsigned)request->flags,
				     .data.u64 = (uint64_t)request->argument };

	(void)actor;
	outcome(reply, epoll_ctl(epolls[request->other], operations[request->variant],
				 slots[request->slot], &event));
}

void act_epoll_nest(struct actor *actor, const struct request *request, struct reply *reply)
{
	struct epoll_event event = { .events = (unsigned)request->flags, .data.u64 = NESTED };

	(void)actor;
	outcome(reply,
		epoll_ctl(epolls[request->other], request->variant ? EPOLL_CTL_DEL : EPOLL_CTL_ADD,
			  epolls[!request->other], &event));
}

static int by_data(const void *left, const void *right)
{
	const struct epoll_event *one = left, *other = right;

	return one->data.u64 < other->data.u64 ? -1 : one->data.u64 > other->data.u64;
}

static int wait_by(int variant, int epoll, struct epoll_event *events, int limit)
{
	struct timespec time = { .tv_nsec = limit * 1000000L };

	if (variant == 0)
		return epoll_wait(epoll, events, MOST, limit);
	if (variant == 1)
		return epoll_pwait(epoll, events, MOST, limit, NULL);
	return epoll_pwait2(epoll, events, MOST, &time, NULL);
}

/* Edges may be more than on TCP (driver/edges.h), but what they tell has to be so. */
static void check_edge(const struct epoll_event *event, struct reply *reply)
{
	int slot = (int)(event->data.u64 % 10);
	struct pollfd now = { .fd = slots[slot], .events = (short)event->events };

	if (event->data.u64 < EDGES || event->data.u64 >= NESTED || slots[slot] < 0)
		return;
	poll(&now, 1, 0);
	if (((unsigned)now.revents & event->events) != event->events)
		say(reply, " !! not so: %#x of %#x", (unsigned)now.revents, event->events);
}

/* In the order of the registrations' numbers: the kernel promises none. */
void act_epoll_wait(struct actor *actor, const struct request *request, struct reply *reply)
{
	struct epoll_event events[MOST];

	(void)actor;
	outcome(reply,
		wait_by(request->variant, epolls[request->other], events, (int)request->argument));
	if (reply->result > 0)
		qsort(events, (size_t)reply->result, sizeof events[0], by_data);
	for (int at = 0; at < reply->result; at++) {
		char name[24];

		snprintf(name, sizeof name, "%llu", (unsigned long long)events[at].data.u64);
		say_events(reply, name, events[at].events);
		check_edge(&events[at], reply);
	}
}
