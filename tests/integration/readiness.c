/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xsock_fd's descriptor in the hands of epoll, poll and select, and xsock_poll. */
#include "scenarios.h"

#include "call.h"
#include "pair.h"
#include "stream.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <time.h>
#include <unistd.h>

#define RING ((size_t)4096)

static const struct xsock_options small = { .send_ring = RING, .recv_ring = RING };

static bool select_shows(struct xsock *socket)
{
	struct timeval at_once = { 0 };
	int fd = xsock_fd(socket);
	fd_set set;

	CHECK(fd >= 0 && fd < FD_SETSIZE);
	FD_ZERO(&set);
	FD_SET(fd, &set);
	return select(fd + 1, &set, NULL, NULL, &at_once) > 0;
}

/* -- level-triggered -------------------------------------------------------------------------- */

/* After calls that found nothing more, the descriptor is quiet. */
static void expect_quiet(struct xsock *socket)
{
	char byte;

	FAILS(xsock_recv(socket, &byte, 1, MSG_DONTWAIT), EAGAIN, "");
	CHECK(!descriptor_shows(socket));
	CHECK(!select_shows(socket));
	CHECK_RESULT(ready_now(socket, POLLIN), 0);
	CHECK_RESULT(xsock_recv_ready(socket), 0);
}

static void watch_input(struct side *side, struct xsock *socket)
{
	struct iovec span[2];

	expect_quiet(socket);
	meet(side, "quiet");
	await_descriptor(socket);
	AWAIT(info_of(socket).bytes_to_receive == 100);
	stream_receive(socket, 1, 0, 50);
	/* What is left keeps it readable. */
	CHECK(descriptor_shows(socket) && select_shows(socket));
	CHECK_RESULT(ready_now(socket, POLLIN), POLLIN);
	CHECK_RESULT(xsock_recv_ready(socket), 1);
	stream_receive(socket, 1, 50, 50);
	expect_quiet(socket);
	meet(side, "read");
	/* By a span as well. */
	await_descriptor(socket);
	AWAIT(info_of(socket).bytes_to_receive == 10);
	CHECK_RESULT(xsock_recv_peek(socket, span, 10, 0), 10);
	CHECK_RESULT(xsock_recv_consume(socket, 10), 0);
	expect_quiet(socket);
	meet(side, "consumed");
}

static void watch_output(struct side *side, struct xsock *socket)
{
	char block[RING];

	CHECK_RESULT(xsock_set_events(socket, POLLOUT), 0);
	CHECK(descriptor_shows(socket));
	stream_fill(2, 0, block, sizeof block);
	CHECK_RESULT(xsock_send(socket, block, sizeof block, 0), RING);
	FAILS(xsock_send(socket, block, 1, MSG_DONTWAIT), EAGAIN, "");
	CHECK(!descriptor_shows(socket));
	CHECK_RESULT(ready_now(socket, POLLOUT), 0);
	meet(side, "full");
	await_descriptor(socket);
	CHECK_RESULT(ready_now(socket, POLLOUT), POLLOUT);
	CHECK_RESULT(xsock_set_events(socket, 0), 0);
	CHECK(!descriptor_shows(socket));
	CHECK_RESULT(xsock_set_events(socket, POLLIN | POLLOUT), 0);
	CHECK(descriptor_shows(socket));
	FAILS(xsock_set_events(socket, POLLPRI), EINVAL, "POLLIN");
	FAILS(xsock_set_events(socket, POLLHUP), EINVAL, "POLLIN");
	CHECK_RESULT(xsock_set_events(socket, POLLIN), 0);
	expect_quiet(socket);
	meet(side, "watched");
	/* An end is readable for ever. */
	await_descriptor(socket);
	CHECK_RESULT(await_ready(socket, POLLIN), POLLIN);
	CHECK_RESULT(xsock_recv_ready(socket), 1);
	CHECK_RESULT(xsock_recv(socket, block, 1, MSG_DONTWAIT), 0);
	CHECK(descriptor_shows(socket));
	meet(side, "half");
	AWAIT(ready_now(socket, 0) & POLLHUP);
	CHECK_RESULT(ready_now(socket, POLLIN | POLLOUT), POLLIN | POLLOUT | POLLHUP);
	CHECK(descriptor_shows(socket));
}

static void feed(struct side *side, struct xsock *socket)
{
	meet(side, "quiet");
	stream_send(socket, 1, 0, 100);
	meet(side, "read");
	stream_send(socket, 1, 100, 10);
	meet(side, "consumed");
	meet(side, "full");
	stream_receive(socket, 2, 0, RING);
	meet(side, "watched");
	CHECK_RESULT(xsock_shutdown(socket, SHUT_WR), 0);
	meet(side, "half");
}

void descriptor_levels(struct side *side)
{
	struct xsock *socket = open_pair(side, &small);

	if (side->letter == 'a') {
		watch_input(side, socket);
		watch_output(side, socket);
	} else {
		feed(side, socket);
	}
	CHECK_RESULT(xsock_close(socket), 0);
}

/* -- edge-triggered --------------------------------------------------------------------------- */

#define EDGES ((uint64_t)1000003) /* bytes, in bits of any size */

static void read_on_edges(struct xsock *socket)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	char block[333];
	uint64_t total = 0;
	ssize_t count;

	CHECK_RESULT(epoll_ctl(epoll_fd, EPOLL_CTL_ADD, xsock_fd(socket), &event), 0);
	do {
		CHECK_RESULT(epoll_wait(epoll_fd, &event, 1, WAIT_LIMIT), 1);
		while ((count = xsock_recv(socket, block, sizeof block, MSG_DONTWAIT)) > 0) {
			CHECK(stream_matches(3, total, block, (size_t)count));
			total += (uint64_t)count;
		}
	} while (count != 0);
	CHECK_RESULT(total, EDGES);
	close(epoll_fd);
}

static void write_in_bits(struct xsock *socket)
{
	uint64_t sent = 0, random = 1;

	while (sent < EDGES) {
		size_t length = 1 + stream_random(&random, 600);

		if (length > EDGES - sent)
			length = (size_t)(EDGES - sent);
		stream_send(socket, 3, sent, length);
		sent += length;
	}
}

void descriptor_edges(struct side *side)
{
	struct xsock *socket = open_pair(side, &small);

	if (side->letter == 'a')
		read_on_edges(socket);
	else
		write_in_bits(socket);
	CHECK_RESULT(xsock_close(socket), 0);
}

/* -- not busy --------------------------------------------------------------------------------- */

static int64_t cpu_us(void)
{
	struct timespec used;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return (int64_t)used.tv_sec * 1000000 + used.tv_nsec / 1000;
}

/* With unread bytes and a full ring, who waits for space only must sleep. */
void poll_sleeps(struct side *side)
{
	struct xsock *socket = open_pair(side, &small);
	struct xsock_pollfd entry = { .socket = socket, .events = POLLOUT };
	struct pollfd descriptor = { .events = POLLIN };
	int64_t before;

	stream_send(socket, 1, 0, RING);
	AWAIT(info_of(socket).bytes_to_receive == RING);
	before = cpu_us();
	CHECK_RESULT(xsock_poll(&entry, 1, 400), 0);
	CHECK(cpu_us() - before < 200000);
	CHECK_RESULT(xsock_set_events(socket, POLLOUT), 0);
	descriptor.fd = xsock_fd(socket);
	CHECK_RESULT(poll(&descriptor, 1, 100), 0);
	CHECK_RESULT(xsock_poll(&entry, 1, 100), 0);
	meet(side, "polled");
	stream_receive(socket, 1, 0, RING);
	CHECK(await_ready(socket, POLLOUT) & POLLOUT);
	await_descriptor(socket);
	meet(side, "end");
	CHECK_RESULT(xsock_close(socket), 0);
}

/* -- with a blocked reader -------------------------------------------------------------------- */

#define ROUNDS 300

static void *read_all(void *argument)
{
	stream_receive(argument, 4, 0, ROUNDS);
	return NULL;
}

/* A thread sleeps in receive while this one polls: neither hides anything from the other. */
void poll_beside_reader(struct side *side)
{
	struct xsock *socket = open_pair(side, &small);
	pthread_t reader;

	if (side->letter == 'b') {
		for (uint64_t at = 0; at < ROUNDS; at++) {
			stream_send(socket, 4, at, 1);
			stream_receive(socket, 5, at, 1);
		}
		meet(side, "rounds");
		stream_send(socket, 6, 0, 10);
		CHECK_RESULT(xsock_close(socket), 0);
		return;
	}
	CHECK_RESULT(pthread_create(&reader, NULL, read_all, socket), 0);
	for (uint64_t at = 0; at < ROUNDS; at++) {
		uint64_t seen = info_of(socket).bytes_received;

		/* It may see the byte or come too late for it. */
		if (seen == at)
			ready_now(socket, POLLIN);
		CHECK(await_ready(socket, POLLOUT) & POLLOUT);
		if (at % 3 == 0)
			descriptor_shows(socket);
		stream_send(socket, 5, at, 1);
	}
	CHECK_RESULT(pthread_join(reader, NULL), 0);
	meet(side, "rounds");
	CHECK(await_ready(socket, POLLIN) & POLLIN);
	await_descriptor(socket);
	CHECK_RESULT(stream_receive_all(socket, 6), 10);
	CHECK_RESULT(xsock_close(socket), 0);
}

/* -- many, and none --------------------------------------------------------------------------- */

static void poll_nothing(void)
{
	struct xsock_pollfd entries[3] = { { .events = POLLIN, .revents = 7 } };
	int64_t start = now_us();

	CHECK_RESULT(xsock_poll(NULL, 0, 0), 0);
	CHECK_RESULT(xsock_poll(NULL, 0, 20), 0);
	CHECK(now_us() - start >= 20000);
	start = now_us();
	CHECK_RESULT(xsock_poll(entries, 3, 20), 0);
	CHECK(now_us() - start >= 20000);
	CHECK_RESULT(entries[0].revents, 0);
	FAILS(xsock_poll(NULL, 1, 0), EINVAL, "NULL");
	FAILS(xsock_poll(entries, 1048577, 0), EINVAL, "1048576");
}

void poll_many(struct side *side)
{
	struct xsock_pollfd entries[4] = { { .events = POLLIN } };
	struct xsock *listener;

	poll_nothing();
	if (side->letter == 'b') {
		await_listener(side);
		entries[0].socket = must_connect(side, &small);
		entries[1].socket = must_connect(side, &small);
		meet(side, "connected");
		stream_send(entries[1].socket, 1, 0, 10);
		meet(side, "polled");
		CHECK_RESULT(xsock_close(entries[0].socket), 0);
		CHECK_RESULT(xsock_close(entries[1].socket), 0);
		return;
	}
	listener = open_listener(side, &small);
	entries[0].socket = listener;
	for (int at = 1; at < 4; at++)
		entries[at].events = POLLIN;
	for (int at = 2; at < 4; at++) {
		CHECK_RESULT(xsock_poll(entries, 4, WAIT_LIMIT), 1);
		CHECK_RESULT(entries[0].revents, POLLIN);
		entries[at].socket = must_accept(listener);
	}
	meet(side, "connected");
	CHECK_RESULT(xsock_poll(entries, 4, WAIT_LIMIT), 1);
	CHECK_RESULT(entries[3].revents, POLLIN);
	entries[2].events = POLLOUT;
	CHECK_RESULT(xsock_poll(entries, 4, WAIT_LIMIT), 2);
	CHECK_RESULT(entries[2].revents, POLLOUT);
	meet(side, "polled");
	CHECK_RESULT(xsock_close(entries[2].socket), 0);
	CHECK_RESULT(stream_receive_all(entries[3].socket, 1), 10);
	CHECK_RESULT(xsock_close(entries[3].socket), 0);
	CHECK_RESULT(xsock_close(listener), 0);
}
