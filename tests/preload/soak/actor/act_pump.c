/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An event loop that sends and receives at once, as servers have them, by one of four waits. */
#include "actor.h"

#include "common/stream.h"

#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#define LIMIT 10000 /* ms without progress */

enum method { BY_POLL, BY_SELECT, BY_EPOLL, BY_EDGE, METHODS };

struct pump {
	enum method method;
	int fd, epoll;
	int64_t to_give, to_take;
	uint64_t given, taken;
	bool readable, writable;
	uint64_t salt;
};

static unsigned wait_poll(const struct pump *pump, unsigned wanted)
{
	struct pollfd entry = { .fd = pump->fd, .events = (short)wanted };

	return poll(&entry, 1, LIMIT) == 1 ? (unsigned)entry.revents : 0;
}

static unsigned wait_select(const struct pump *pump, unsigned wanted)
{
	struct timeval limit = { .tv_sec = LIMIT / 1000 };
	unsigned events = 0;
	fd_set in, out;

	FD_ZERO(&in);
	FD_ZERO(&out);
	if (wanted & POLLIN)
		FD_SET(pump->fd, &in);
	if (wanted & POLLOUT)
		FD_SET(pump->fd, &out);
	if (select(pump->fd + 1, &in, &out, NULL, &limit) <= 0)
		return 0;
	if (FD_ISSET(pump->fd, &in))
		events |= POLLIN;
	if (FD_ISSET(pump->fd, &out))
		events |= POLLOUT;
	return events;
}

static unsigned wait_epoll(const struct pump *pump, unsigned wanted)
{
	struct epoll_event event = { .events = wanted };

	if (pump->method == BY_EPOLL &&
	    epoll_ctl(pump->epoll, EPOLL_CTL_MOD, pump->fd, &event) != 0)
		return 0;
	return epoll_wait(pump->epoll, &event, 1, LIMIT) == 1 ? event.events : 0;
}

/* False when nothing came in time. */
static bool wait_more(struct pump *pump)
{
	unsigned wanted = 0, events;

	if (pump->to_take > 0)
		wanted |= POLLIN;
	if (pump->to_give > 0)
		wanted |= POLLOUT;
	if (pump->method == BY_POLL)
		events = wait_poll(pump, wanted);
	else if (pump->method == BY_SELECT)
		events = wait_select(pump, wanted);
	else
		events = wait_epoll(pump, wanted);
	if (events & (POLLIN | POLLERR | POLLHUP))
		pump->readable = true;
	if (events & (POLLOUT | POLLERR | POLLHUP))
		pump->writable = true;
	return events != 0;
}

static size_t next_size(struct pump *pump, const struct request *request, int64_t left)
{
	uint64_t size = 1 + random_below(&pump->salt, (uint64_t)request->argument);

	return size < (uint64_t)left ? (size_t)size : (size_t)left;
}

/* Until it would block; an edge is seen once only. False after an error. */
static bool give(struct pump *pump, struct actor *actor, const struct request *request)
{
	while (pump->writable && pump->to_give > 0) {
		size_t size = next_size(pump, request, pump->to_give);
		int64_t count;

		fill_buffer(actor, request, request->position + pump->given, size);
		count = send_by(request->variant, pump->fd, actor->buffer, size, 0,
				random_next(&pump->salt));
		if (count < 0 && errno != EAGAIN)
			return false;
		pump->writable = count >= 0;
		pump->given += (uint64_t)(count > 0 ? count : 0);
		pump->to_give -= count > 0 ? count : 0;
	}
	return true;
}

static bool take(struct pump *pump, struct actor *actor, const struct request *request,
		 struct reply *reply)
{
	struct request received = { .key = request->key2 };

	while (pump->readable && pump->to_take > 0) {
		size_t size = next_size(pump, request, pump->to_take);
		struct reply unseen = { 0 };
		int64_t count;

		wipe_buffer(actor, size);
		count = receive_by(request->other, pump->fd, actor->buffer, size, 0,
				   random_next(&pump->salt), &unseen);
		if (count == 0 || (count < 0 && errno != EAGAIN))
			return false;
		pump->readable = count > 0;
		if (count < 0)
			break;
		check_bytes(actor, &received, reply, request->position2 + pump->taken,
			    (size_t)count);
		pump->taken += (uint64_t)count;
		pump->to_take -= count;
	}
	return true;
}

static bool open_epoll(struct pump *pump)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT };

	if (pump->method != BY_EPOLL && pump->method != BY_EDGE)
		return true;
	if (pump->method == BY_EDGE)
		event.events |= EPOLLET;
	pump->epoll = epoll_create1(EPOLL_CLOEXEC);
	return pump->epoll >= 0 && epoll_ctl(pump->epoll, EPOLL_CTL_ADD, pump->fd, &event) == 0;
}

/* `length` bytes out, `argument2` in; the descriptor is non-blocking. */
void act_pump(struct actor *actor, const struct request *request, struct reply *reply)
{
	struct pump pump = { .method = (enum method)request->flags,
			     .fd = slots[request->slot],
			     .epoll = -1,
			     .to_give = request->length,
			     .to_take = request->argument2,
			     .salt = request->salt };
	bool well;

	if (pump.method == BY_SELECT && pump.fd >= FD_SETSIZE)
		pump.method = BY_POLL;
	well = open_epoll(&pump);
	pump.readable = pump.writable = pump.method == BY_EDGE;
	while (well && (pump.to_give > 0 || pump.to_take > 0)) {
		well = give(&pump, actor, request) && take(&pump, actor, request, reply);
		if (well && (pump.to_give > 0 || pump.to_take > 0))
			well = wait_more(&pump);
	}
	outcome(reply, well ? 0 : -1);
	reply->moved = (int64_t)pump.given;
	reply->value = (int64_t)pump.taken;
	if (pump.epoll >= 0)
		close(pump.epoll);
}
