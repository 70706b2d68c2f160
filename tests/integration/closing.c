/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What was sent before a close is received, all of it, whoever grants and whoever closes first;
 * then comes the end of stream. Many rounds, as the race that loses the last bytes is short: a
 * writer that writes and closes between the reader's look at the index and its look at the state.
 */
#include "scenarios.h"

#include "pair.h"
#include "stream.h"

#include <errno.h>
#include <string.h>

#define RING ((size_t)8192)

struct round {
	struct xsock *socket;
	uint64_t *random;
	unsigned number;
};

/* A moment that differs from round to round. */
static void dawdle(uint64_t *random)
{
	volatile uint64_t turns = stream_random(random, 4) * stream_random(random, 20000);

	while (turns > 0)
		turns--;
}

/* The first eight bytes say how many follow. */
static void write_some(struct round *round, uint64_t length)
{
	CHECK_RESULT(xsock_send(round->socket, &length, sizeof length, 0), sizeof length);
	dawdle(round->random);
	stream_send(round->socket, round->number, 0, length);
	dawdle(round->random);
}

static ssize_t read_by(struct round *round, unsigned way, void *buffer, size_t length)
{
	struct iovec span[2];
	ssize_t count;

	if (way == 0)
		return xsock_recv(round->socket, buffer, length, 0);
	if (way == 1)
		return xsock_recv(round->socket, buffer, length, MSG_WAITALL);
	if (way == 2) {
		count = xsock_recv_peek(round->socket, span, 0, 0);
		if (count <= 0)
			return count;
		count = (ssize_t)(span[0].iov_len < length ? span[0].iov_len : length);
		memcpy(buffer, span[0].iov_base, (size_t)count);
		CHECK_RESULT(xsock_recv_consume(round->socket, (size_t)count), 0);
		return count;
	}
	/* Busy, or polling: both look all the time. */
	do {
		if (way == 3)
			await_ready(round->socket, POLLIN);
		count = xsock_recv(round->socket, buffer, length, MSG_DONTWAIT);
	} while (count < 0 && errno == EAGAIN);
	return count;
}

static void read_all(struct round *round)
{
	unsigned way = (unsigned)stream_random(round->random, 5);
	uint64_t announced = 0, total = 0;
	char block[3000];
	ssize_t count;

	CHECK_RESULT(xsock_recv(round->socket, &announced, sizeof announced, MSG_WAITALL),
		     sizeof announced);
	while ((count = read_by(round, way, block, sizeof block)) > 0) {
		CHECK(stream_matches(round->number, total, block, (size_t)count));
		total += (uint64_t)count;
	}
	CHECK_RESULT(count, 0);
	CHECK_RESULT(total, announced);
	CHECK_RESULT(xsock_recv(round->socket, block, 1, 0), 0);
	/* The other direction ends a moment later. */
	AWAIT(xsock_send(round->socket, "x", 1, MSG_DONTWAIT) < 0 && errno != EAGAIN);
	CHECK_RESULT(errno, EPIPE);
	CHECK_RESULT(ready_now(round->socket, POLLIN | POLLOUT), POLLIN | POLLOUT | POLLHUP);
}

/* Both write, the first to close reads nothing. */
static void one_round(struct round *round, bool closes_first)
{
	uint64_t fits = stream_random(round->random, RING - sizeof fits + 1);
	uint64_t more = stream_random(round->random, 4 * RING);

	if (closes_first) {
		dawdle(round->random);
		write_some(round, round->number % 2 ? more : fits);
	} else {
		/* In vain: the other end may even have closed already. */
		if (round->number % 3 == 0 && xsock_send(round->socket, "unread", 6, 0) < 0)
			CHECK_RESULT(errno, EPIPE);
		dawdle(round->random);
		read_all(round);
	}
	CHECK_RESULT(xsock_close(round->socket), 0);
}

static void rounds(struct side *side, enum xsock_role role_of_a)
{
	bool is_a = side->letter == 'a';
	enum xsock_role role_of_b = role_of_a == XSOCK_ROLE_MAP ? XSOCK_ROLE_GRANT : XSOCK_ROLE_MAP;
	struct xsock_options options = { .role = is_a ? role_of_a : role_of_b,
					 .send_ring = RING,
					 .recv_ring = RING };
	unsigned count = side->brief ? 50 : 200;
	uint64_t random = (uint64_t)now_us();
	struct xsock *listener = NULL;

	if (is_a)
		listener = open_listener(side, &options);
	else
		await_listener(side);
	for (unsigned number = 0; number < count; number++) {
		struct round round = { .random = &random, .number = number };

		round.socket = is_a ? must_accept(listener) : must_connect(side, &options);
		one_round(&round, is_a == (number % 4 < 2));
	}
	CHECK_RESULT(xsock_close(listener), 0);
}

void close_a_grants(struct side *side)
{
	rounds(side, XSOCK_ROLE_GRANT);
}

void close_b_grants(struct side *side)
{
	rounds(side, XSOCK_ROLE_MAP);
}

/* B connects, writes and closes before A even accepts; the bytes are there all the same. */
static void before_accept(struct side *side, enum xsock_role role_of_b, const char *word)
{
	struct xsock_options options = { .role = side->letter == 'b' ? role_of_b
								     : XSOCK_ROLE_AUTO };
	struct xsock *listener, *socket;

	if (side->letter == 'b') {
		await_listener(side);
		socket = must_connect(side, &options);
		stream_send(socket, 7, 0, 5000);
		CHECK_RESULT(xsock_close(socket), 0);
		meet(side, word);
		return;
	}
	if (side->self == 0)
		options.role = role_of_b == XSOCK_ROLE_MAP ? XSOCK_ROLE_GRANT : XSOCK_ROLE_MAP;
	listener = open_listener(side, &options);
	/* Set-ups go on while it is polled. */
	CHECK_RESULT(await_ready(listener, POLLIN), POLLIN);
	meet(side, word);
	socket = must_accept(listener);
	CHECK_RESULT(stream_receive_all(socket, 7), 5000);
	CHECK_RESULT(xsock_close(socket), 0);
	CHECK_RESULT(xsock_close(listener), 0);
}

void close_before_accept(struct side *side)
{
	before_accept(side, XSOCK_ROLE_MAP, "closed-mapper");
	before_accept(side, XSOCK_ROLE_GRANT, "closed-granter");
}
