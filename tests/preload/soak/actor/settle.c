/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Waits until what is under way has arrived, so that the next call can have one outcome only. */
#include "actor.h"

#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <time.h>

#define LIMIT 5000 /* ms */
#define YIELDS 100

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static bool settled(const struct request *request, int *bytes, int *events)
{
	int fd = slots[request->slot];
	struct pollfd entry = { .fd = fd, .events = (short)request->settle.events };

	*bytes = -1;
	*events = 0;
	if (request->settle.bytes >= 0 &&
	    (ioctl(fd, FIONREAD, bytes) != 0 || *bytes != request->settle.bytes))
		return false;
	if (request->settle.events == 0)
		return true;
	if (poll(&entry, 1, 0) < 0)
		return false;
	*events = entry.revents;
	return (entry.revents & request->settle.events) == request->settle.events;
}

void settle(const struct request *request, struct reply *reply)
{
	const struct timespec moment = { .tv_nsec = 100000 };
	int64_t end = now() + LIMIT;
	int bytes, events;

	for (int turn = 0; !settled(request, &bytes, &events); turn++) {
		if (turn < YIELDS) {
			sched_yield();
			continue;
		}
		if (now() > end) {
			say(reply, " !! not settled: %d of %lld bytes, events %#x of %#x", bytes,
			    (long long)request->settle.bytes, (unsigned)events,
			    (unsigned)request->settle.events);
			return;
		}
		nanosleep(&moment, NULL);
	}
}
