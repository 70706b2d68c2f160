/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Many connections to one listener, at once and in sequence; A serves all of them in one loop. */
#include "scenarios.h"

#include "pair.h"
#include "process.h"
#include "stream.h"
#include "support/leaks.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define RING ((size_t)4096)
#define CROWD 50
#define PROCESSES 5
#define EACH (CROWD / PROCESSES)

static const struct xsock_options small = { .send_ring = RING, .recv_ring = RING };

/* -- A: an echo server over epoll ------------------------------------------------------------- */

struct client {
	struct xsock *socket;
	char pending[RING];
	size_t first, last; /* of the bytes not sent back yet */
};

static void add(int epoll_fd, struct xsock *socket, void *data)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = data };
	int fd = xsock_fd(socket);

	CHECK(fd >= 0);
	CHECK_RESULT(epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event), 0);
}

/* True while there may be more to do right now. */
static bool serve_once(struct client *client, bool *ended)
{
	ssize_t count;

	if (client->first == client->last) {
		count = xsock_recv(client->socket, client->pending, sizeof client->pending,
				   MSG_DONTWAIT);
		*ended = count == 0;
		client->first = 0;
		client->last = count > 0 ? (size_t)count : 0;
	} else {
		count = xsock_send(client->socket, client->pending + client->first,
				   client->last - client->first, MSG_DONTWAIT);
		client->first += count > 0 ? (size_t)count : 0;
	}
	if (count < 0)
		CHECK_RESULT(errno, EAGAIN);
	return count > 0;
}

static bool serve(struct client *client)
{
	bool ended = false;

	while (serve_once(client, &ended))
		continue;
	if (!ended) {
		short events = client->first < client->last ? POLLOUT : POLLIN;

		CHECK_RESULT(xsock_set_events(client->socket, events), 0);
		return false;
	}
	CHECK_RESULT(xsock_close(client->socket), 0);
	free(client);
	return true;
}

static void accept_all(struct xsock *listener, int epoll_fd)
{
	for (;;) {
		struct client *client = calloc(1, sizeof *client);

		CHECK(client);
		client->socket = xsock_accept(listener, 0);
		if (!client->socket) {
			CHECK_RESULT(errno, EAGAIN);
			free(client);
			return;
		}
		add(epoll_fd, client->socket, client);
	}
}

static void serve_crowd(struct side *side, unsigned expected)
{
	struct xsock *listener = open_listener(side, &small);
	int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event events[16];
	unsigned ended = 0;

	add(epoll_fd, listener, NULL);
	while (ended < expected) {
		int count = epoll_wait(epoll_fd, events, 16, WAIT_LIMIT);

		CHECK(count > 0);
		for (int at = 0; at < count; at++) {
			if (events[at].data.ptr)
				ended += serve(events[at].data.ptr);
			else
				accept_all(listener, epoll_fd);
		}
	}
	CHECK_RESULT(info_of(listener).accepted, expected);
	CHECK_RESULT(info_of(listener).refused, 0);
	close(epoll_fd);
	CHECK_RESULT(xsock_close(listener), 0);
}

/* -- B: each connection sends a stream of its own and gets it back --------------------------- */

struct errand {
	struct xsock *socket;
	uint64_t seed, sent, received, total;
};

static void send_some(struct errand *errand)
{
	char block[2 * RING];
	size_t left = (size_t)(errand->total - errand->sent);
	size_t length = left < sizeof block ? left : sizeof block;
	ssize_t count;

	stream_fill(errand->seed, errand->sent, block, length);
	count = xsock_send(errand->socket, block, length, MSG_DONTWAIT);
	if (count < 0)
		CHECK_RESULT(errno, EAGAIN);
	else
		errand->sent += (uint64_t)count;
}

static void receive_some(struct errand *errand)
{
	char block[2 * RING];
	ssize_t count = xsock_recv(errand->socket, block, sizeof block, MSG_DONTWAIT);

	if (count < 0) {
		CHECK_RESULT(errno, EAGAIN);
		return;
	}
	CHECK(count > 0);
	CHECK(stream_matches(errand->seed, errand->received, block, (size_t)count));
	errand->received += (uint64_t)count;
}

static struct xsock_pollfd interest(const struct errand *errand)
{
	struct xsock_pollfd entry = { .socket = errand->socket, .events = POLLIN };

	if (errand->received == errand->total)
		entry.socket = NULL;
	if (errand->sent < errand->total)
		entry.events |= POLLOUT;
	return entry;
}

static void run_errands(struct errand *errands, size_t count)
{
	struct xsock_pollfd entries[CROWD];

	for (;;) {
		bool all_done = true;

		for (size_t at = 0; at < count; at++) {
			entries[at] = interest(&errands[at]);
			all_done = all_done && !entries[at].socket;
		}
		if (all_done)
			return;
		CHECK(xsock_poll(entries, count, WAIT_LIMIT) > 0);
		for (size_t at = 0; at < count; at++) {
			if (entries[at].revents & POLLOUT)
				send_some(&errands[at]);
			if (entries[at].revents & POLLIN)
				receive_some(&errands[at]);
		}
	}
}

static void visit(struct side *side, size_t count, uint64_t seed)
{
	struct errand errands[CROWD] = { 0 };

	for (size_t at = 0; at < count; at++) {
		errands[at].seed = seed + at;
		errands[at].total = 10 * RING + at;
		errands[at].socket = must_connect(side, &small);
	}
	run_errands(errands, count);
	for (size_t at = 0; at < count; at++)
		CHECK_RESULT(xsock_close(errands[at].socket), 0);
}

void crowd(struct side *side)
{
	if (side->letter == 'a') {
		serve_crowd(side, CROWD);
	} else {
		await_listener(side);
		visit(side, CROWD, 0);
	}
}

static void visit_from_child(struct side *side, void *argument)
{
	visit(side, EACH, *(unsigned *)argument * 1000);
}

void crowd_of_processes(struct side *side)
{
	pid_t children[PROCESSES];

	if (side->letter == 'a') {
		serve_crowd(side, CROWD);
		return;
	}
	await_listener(side);
	for (unsigned number = 0; number < PROCESSES; number++)
		children[number] = process_start(side, visit_from_child, &number);
	for (unsigned number = 0; number < PROCESSES; number++)
		process_end(children[number]);
}

/* -- in sequence ------------------------------------------------------------------------------ */

static size_t requests_left(struct side *side)
{
	char path[STORE_PATH_MAX];
	size_t count = 0;
	char *names;

	snprintf(path, sizeof path, "/local/domain/%u/data/xsock/service/%s/any", side->self,
		 side->scenario);
	CHECK_RESULT(side->ops->store_list(side->store, path, &names), 0);
	for (const char *name = names; *name; name += strlen(name) + 1)
		count++;
	free(names);
	return count;
}

static void one_visit(struct side *side, struct xsock *listener)
{
	struct xsock *socket = listener ? must_accept(listener) : must_connect(side, &small);

	meet_over(socket);
	CHECK_RESULT(xsock_close(socket), 0);
}

void one_after_another(struct side *side)
{
	unsigned count = side->brief ? 60 : 500;
	struct xsock *listener = NULL, *anchor;
	struct leaks before;

	if (side->letter == 'a')
		listener = open_listener(side, &small);
	else
		await_listener(side);
	/* What the first connection of a process opens for all may stay; and what the first that
	 * sleeps does. */
	anchor = listener ? must_accept(listener) : must_connect(side, &small);
	CHECK_RESULT(xsock_poll(&(struct xsock_pollfd){ .socket = anchor }, 1, 20), 0);
	for (unsigned number = 0; number < 10; number++)
		one_visit(side, listener);
	leaks_take(&before);
	for (unsigned number = 0; number < count; number++)
		one_visit(side, listener);
	CHECK(leaks_none(&before, stdout));
	leaks_free(&before);
	if (listener) {
		CHECK_RESULT(info_of(listener).accepted, count + 11);
		CHECK_RESULT(info_of(listener).refused, 0);
		AWAIT(ready_now(listener, POLLIN) == 0 && requests_left(side) == 0);
	}
	meet(side, "end");
	CHECK_RESULT(xsock_close(anchor), 0);
	CHECK_RESULT(xsock_close(listener), 0);
}
