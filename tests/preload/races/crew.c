/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "crew.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "preload/real.h"

#define MOMENT 5 /* ms */

static void *send_0(void *pair)
{
	pair_send(pair, 0);
	return NULL;
}

static void *send_1(void *pair)
{
	pair_send(pair, 1);
	return NULL;
}

static void *receive_0(void *pair)
{
	pair_receive(pair, 0);
	return NULL;
}

static void *receive_1(void *pair)
{
	pair_receive(pair, 1);
	return NULL;
}

static void start(pthread_t *thread, void *(*work)(void *), void *with)
{
	if (pthread_create(thread, NULL, work, with) != 0)
		die("no thread");
}

void crew_move(struct crew *crew)
{
	static void *(*const works[])(void *) = { send_0, receive_0, send_1, receive_1 };

	for (int at = 0; at < 4; at++)
		start(&crew->movers[at], works[at], crew->pair);
}

void crew_await_movers(struct crew *crew)
{
	for (int at = 0; at < 4; at++)
		pthread_join(crew->movers[at], NULL);
}

static bool goes_on(const struct crew *crew)
{
	return !__atomic_load_n(&crew->over, __ATOMIC_ACQUIRE);
}

static void *watch_by_poll(void *argument)
{
	struct crew *crew = argument;

	for (unsigned turn = 0; goes_on(crew); turn++) {
		struct pollfd entries[2] = {
			{ .fd = crew->pair->end[0], .events = POLLIN | POLLOUT | POLLRDHUP },
			{ .fd = crew->pair->end[1], .events = turn % 2 ? POLLIN : POLLOUT }
		};

		if (real.poll(entries, 2, turn % 4 ? MOMENT : 0) < 0)
			die("poll");
	}
	return NULL;
}

/* An end that is closed meanwhile is none of the set's any more. */
static void control(struct crew *crew, int set, int operation, int end, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.u32 = (uint32_t)end };

	if (real.epoll_ctl(set, operation, crew->pair->end[end], &event) != 0 &&
	    (crew->pair->ending == WHOLE || (errno != EBADF && errno != ENOENT)))
		die("epoll_ctl");
}

static void *watch_by_epoll(void *argument)
{
	static const uint32_t events[] = { EPOLLIN, EPOLLIN | EPOLLET, EPOLLIN | EPOLLOUT | EPOLLET,
					   EPOLLIN | EPOLLONESHOT };
	struct crew *crew = argument;
	struct epoll_event found[2];

	while (goes_on(crew)) {
		int set = real.epoll_create1(EPOLL_CLOEXEC);

		if (set < 0)
			die("epoll_create1");
		for (int end = 0; end < 2; end++)
			control(crew, set, EPOLL_CTL_ADD, end, EPOLLIN);
		for (unsigned turn = 0; turn < 8 && goes_on(crew); turn++) {
			control(crew, set, EPOLL_CTL_MOD, (int)turn % 2, events[turn / 2]);
			if (real.epoll_wait(set, found, 2, MOMENT) < 0)
				die("epoll_wait");
		}
		control(crew, set, EPOLL_CTL_DEL, 0, 0);
		real.close(set);
	}
	return NULL;
}

/* What the answers are is others' affair: here they only have to come. */
static void ask(int fd)
{
	struct sockaddr_in name;
	struct tcp_info info;
	struct linger linger = { .l_onoff = 0 };
	socklen_t length = sizeof info;
	int number;

	real.getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length);
	length = sizeof name;
	real.getpeername(fd, (struct sockaddr *)&name, &length);
	real.ioctl(fd, SIOCINQ, &number);
	real.ioctl(fd, SIOCOUTQ, &number);
	real.setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
	real.fcntl(fd, F_SETFL, real.fcntl(fd, F_GETFL));
	number = real.dup(fd);
	if (number >= 0)
		real.close(number);
}

static void *ask_all(void *argument)
{
	struct crew *crew = argument;
	const struct timespec moment = { .tv_nsec = 200000 };

	while (goes_on(crew)) {
		ask(crew->pair->end[0]);
		ask(crew->pair->end[1]);
		nanosleep(&moment, NULL);
	}
	return NULL;
}

void crew_watch(struct crew *crew)
{
	start(&crew->watchers[0], watch_by_poll, crew);
	start(&crew->watchers[1], watch_by_epoll, crew);
	start(&crew->watchers[2], ask_all, crew);
}

void crew_dismiss_watchers(struct crew *crew)
{
	__atomic_store_n(&crew->over, true, __ATOMIC_RELEASE);
	for (int at = 0; at < 3; at++)
		pthread_join(crew->watchers[at], NULL);
}
