/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls that end by a time-out or by a signal. */
#include "actor.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define LIMIT 5000 /* ms; for waits that a signal is to end */
#define EVERY 2000 /* us between two signals of the timer */

static atomic_int alarms;
static atomic_int note_to; /* a channel, or -1 */

static void count_alarm(int number)
{
	int channel = atomic_exchange(&note_to, -1);

	(void)number;
	atomic_fetch_add(&alarms, 1);
	if (channel >= 0)
		wire_note(channel);
}

void alarms_prepare(void)
{
	struct sigaction action = { .sa_handler = count_alarm, .sa_flags = SA_RESTART };

	atomic_store(&note_to, -1);
	sigaction(SIGALRM, &action, NULL);
}

/* Again and again, as the first may come before the call that it should interrupt. */
void alarms_start(int flags, int channel)
{
	struct sigaction action = { .sa_handler = count_alarm, .sa_flags = flags };
	struct itimerval timer = { .it_interval = { .tv_usec = EVERY },
				   .it_value = { .tv_usec = EVERY } };

	sigaction(SIGALRM, &action, NULL);
	atomic_store(&alarms, 0);
	atomic_store(&note_to, channel);
	setitimer(ITIMER_REAL, &timer, NULL);
}

int alarms_stop(void)
{
	struct itimerval none = { 0 };
	int error = errno;

	setitimer(ITIMER_REAL, &none, NULL);
	atomic_store(&note_to, -1);
	errno = error;
	return atomic_load(&alarms);
}

/* The kernel's own clock for this goes by ticks. */
#define TICK 4000 /* us */

static void set_time_limit(int fd, int option, int64_t limit)
{
	struct timeval time = { .tv_sec = limit / 1000, .tv_usec = limit % 1000 * 1000 };
	int error = errno;

	setsockopt(fd, SOL_SOCKET, option, &time, sizeof time);
	errno = error;
}

static int64_t now_us(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

void act_receive_timed(struct actor *actor, const struct request *request, struct reply *reply)
{
	int fd = slots[request->slot];
	int64_t begun;

	set_time_limit(fd, SO_RCVTIMEO, request->argument);
	begun = now_us();
	act_receive(actor, request, reply);
	errno = reply->error;
	if (reply->result < 0 && now_us() - begun + TICK < request->argument * 1000)
		say(reply, " !! too early");
	set_time_limit(fd, SO_RCVTIMEO, 0);
}

/* Into a full connection: what fits goes in, then the time-out. */
void act_send_timed(struct actor *actor, const struct request *request, struct reply *reply)
{
	int fd = slots[request->slot];
	int64_t count;

	set_time_limit(fd, SO_SNDTIMEO, request->argument);
	do {
		fill_buffer(actor, request, request->position + (uint64_t)reply->moved,
			    (size_t)request->length);
		count = send_by(request->variant, fd, actor->buffer, (size_t)request->length, 0,
				request->salt);
		reply->moved += count > 0 ? count : 0;
	} while (count > 0);
	outcome(reply, count);
	set_time_limit(fd, SO_SNDTIMEO, 0);
}

/* -- interrupted ------------------------------------------------------------------------------ */

static int64_t by_epoll(int fd)
{
	struct epoll_event event = { .events = EPOLLIN };
	int epoll = epoll_create1(EPOLL_CLOEXEC), error;
	int64_t result = -1;

	if (epoll >= 0 && epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0)
		result = epoll_wait(epoll, &event, 1, LIMIT);
	error = errno;
	close(epoll);
	errno = error;
	return result;
}

static int64_t by_select(int fd)
{
	struct timeval limit = { .tv_sec = LIMIT / 1000 };
	fd_set in;

	if (fd >= FD_SETSIZE)
		return by_epoll(fd);
	FD_ZERO(&in);
	FD_SET(fd, &in);
	return select(fd + 1, &in, NULL, NULL, &limit);
}

static void interrupted_send(struct actor *actor, const struct request *request,
			     struct reply *reply)
{
	int64_t count;

	do {
		fill_buffer(actor, request, request->position + (uint64_t)reply->moved, 1000);
		count = send(slots[request->slot], actor->buffer, 1000, 0);
		reply->moved += count > 0 ? count : 0;
	} while (count > 0);
	outcome(reply, count);
}

static void interrupted_call(struct actor *actor, const struct request *request,
			     struct reply *reply)
{
	int fd = slots[request->slot];
	struct pollfd entry = { .fd = fd, .events = POLLIN };
	struct request receive = *request;

	switch (request->variant) {
	case 0:
		outcome(reply, poll(&entry, 1, LIMIT));
		break;
	case 1:
		outcome(reply, by_select(fd));
		break;
	case 2:
		outcome(reply, by_epoll(fd));
		break;
	case 3:
		outcome(reply, accept(slots[LISTENER], NULL, NULL));
		break;
	case 4:
		interrupted_send(actor, request, reply);
		break;
	default:
		receive.variant -= 5;
		receive.flags = 0;
		act_receive(actor, &receive, reply);
		break;
	}
	errno = reply->error;
}

/* `flags`: of the handler; with `argument` the driver gets a note at the first signal, with
 * `argument2` the socket has a time limit. */
void act_interrupt(struct actor *actor, const struct request *request, struct reply *reply)
{
	int fd = slots[request->slot];

	if (request->argument2)
		set_time_limit(fd, SO_RCVTIMEO, request->argument2);
	alarms_start((int)request->flags, request->argument ? actor->channel : -1);
	interrupted_call(actor, request, reply);
	say(reply, alarms_stop() > 0 ? " signals" : " !! no signal");
	if (request->argument2)
		set_time_limit(fd, SO_RCVTIMEO, 0);
}
