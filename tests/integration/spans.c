/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading and writing in the ring itself: wrap-around, how much is wanted, and what is too much. */
#include "scenarios.h"

#include "call.h"
#include "pair.h"
#include "stream.h"

#include <errno.h>
#include <string.h>

#define RING ((size_t)4096)

static const struct xsock_options small = { .send_ring = RING, .recv_ring = RING };

static size_t total_of(const struct iovec span[2])
{
	return span[0].iov_len + span[1].iov_len;
}

static void put(const struct iovec span[2], uint64_t from, size_t length)
{
	char block[RING];

	stream_fill(1, from, block, length);
	if (length <= span[0].iov_len) {
		memcpy(span[0].iov_base, block, length);
		return;
	}
	memcpy(span[0].iov_base, block, span[0].iov_len);
	memcpy(span[1].iov_base, block + span[0].iov_len, length - span[0].iov_len);
}

static void check(const struct iovec span[2], uint64_t from)
{
	CHECK(stream_matches(1, from, span[0].iov_base, span[0].iov_len));
	CHECK(stream_matches(1, from + span[0].iov_len, span[1].iov_base, span[1].iov_len));
}

static void write_spans(struct side *side, struct xsock *socket)
{
	struct iovec span[2], second[2];

	CHECK_RESULT(xsock_send_reserve(socket, span, 0, 0), RING);
	CHECK_RESULT(span[0].iov_len, RING);
	CHECK_RESULT(span[1].iov_len, 0);
	FAILS(xsock_send_reserve(socket, span, RING + 1, 0), EMSGSIZE, "4096");
	FAILS(xsock_send_commit(socket, RING + 1), EINVAL, "4096");
	/* A reservation holds nothing. */
	CHECK_RESULT(xsock_send_reserve(socket, second, RING, 0), RING);
	CHECK(second[0].iov_base == span[0].iov_base);
	put(span, 0, 3000);
	CHECK_RESULT(xsock_send_commit(socket, 0), 0);
	CHECK_RESULT(xsock_send_commit(socket, 3000), 0);
	CHECK_RESULT(xsock_send_reserve(socket, span, 0, 0), RING - 3000);
	FAILS(xsock_send_reserve(socket, span, RING - 2999, MSG_DONTWAIT), EAGAIN, "");
	FAILS(xsock_send_commit(socket, RING - 2999), EINVAL, "");
	meet(side, "first");
	meet(side, "consumed");
	/* 3000 written, 2000 of them read: 1096 to the end of the ring and 2000 from its start. */
	CHECK_RESULT(xsock_send_reserve(socket, span, 3096, 0), 3096);
	CHECK_RESULT(span[0].iov_len, 1096);
	CHECK_RESULT(span[1].iov_len, 2000);
	put(span, 3000, 3096);
	CHECK_RESULT(xsock_send_commit(socket, 3096), 0);
	FAILS(xsock_send_reserve(socket, span, 1, MSG_DONTWAIT), EAGAIN, "");
	meet(side, "wrapped");
	CHECK_RESULT(xsock_shutdown(socket, SHUT_WR), 0);
	FAILS(xsock_send_reserve(socket, span, 1, 0), EPIPE, "");
	FAILS(xsock_send_commit(socket, 0), EPIPE, "");
}

static void read_spans(struct side *side, struct xsock *socket)
{
	struct iovec span[2];

	FAILS(xsock_recv_peek(socket, span, RING + 1, 0), EMSGSIZE, "4096");
	meet(side, "first");
	CHECK_RESULT(xsock_recv_peek(socket, span, 0, 0), 3000);
	CHECK_RESULT(total_of(span), 3000);
	check(span, 0);
	FAILS(xsock_recv_peek(socket, span, 3001, MSG_DONTWAIT), EAGAIN, "");
	FAILS(xsock_recv_consume(socket, 3001), EINVAL, "3001");
	CHECK_RESULT(xsock_recv_consume(socket, 0), 0);
	CHECK_RESULT(xsock_recv_consume(socket, 1500), 0);
	CHECK_RESULT(xsock_recv_consume(socket, 500), 0);
	FAILS(xsock_recv_consume(socket, 1001), EINVAL, "1001");
	meet(side, "consumed");
	meet(side, "wrapped");
	CHECK_RESULT(xsock_recv_peek(socket, span, RING, 0), RING);
	CHECK_RESULT(span[0].iov_len, RING - 2000);
	CHECK_RESULT(span[1].iov_len, 2000);
	check(span, 2000);
	CHECK_RESULT(xsock_recv_consume(socket, RING - 10), 0);
	/* Less than wanted only before the end, and nothing at it. */
	CHECK_RESULT(xsock_recv_peek(socket, span, 100, 0), 10);
	check(span, 2000 + RING - 10);
	CHECK_RESULT(xsock_recv_consume(socket, 10), 0);
	CHECK_RESULT(xsock_recv_peek(socket, span, 1, 0), 0);
	CHECK_RESULT(total_of(span), 0);
}

void spans(struct side *side)
{
	struct xsock *socket = open_pair(side, &small);

	(side->letter == 'a' ? read_spans : write_spans)(side, socket);
	meet(side, "end");
	CHECK_RESULT(xsock_close(socket), 0);
}

/* -- waiting for much ------------------------------------------------------------------------- */

static long peek_in_thread(struct call *call)
{
	struct iovec span[2];
	ssize_t count = xsock_recv_peek(call->socket, span, call->length, call->flags);

	if (count > 0)
		check(span, *(const uint64_t *)call->buffer);
	return count;
}

static long reserve_in_thread(struct call *call)
{
	struct iovec span[2];

	return xsock_send_reserve(call->socket, span, call->length, call->flags);
}

/* A wants all but a little of the ring while B, blocked on a ring too full for its wish to be woken
 * only by much space, has the rest: neither may wait for the other. */
static void want_much(struct side *side, struct xsock *socket)
{
	uint64_t from = 0;
	struct call peek = {
		.socket = socket, .run = peek_in_thread, .buffer = &from, .length = RING
	};
	char block[100];

	meet(side, "full");
	for (int round = 0; round < 50; round++) {
		stream_receive(socket, 1, from, 1 + (size_t)round);
		from += 1 + (uint64_t)round;
		call_start(&peek);
		CHECK_RESULT(call_end(&peek), RING);
		/* The same by copying. */
		stream_receive(socket, 1, from, 50);
		from += 50;
		CHECK_RESULT(xsock_recv(socket, block, 100, MSG_PEEK | MSG_WAITALL), 100);
	}
	CHECK_RESULT(xsock_shutdown(socket, SHUT_RD), 0);
	meet(side, "end");
}

static void send_on(struct side *side, struct xsock *socket)
{
	char block[3 * RING];
	uint64_t from = RING;

	stream_send(socket, 1, 0, RING);
	meet(side, "full");
	for (;;) {
		ssize_t count;

		stream_fill(1, from, block, sizeof block);
		count = xsock_send(socket, block, sizeof block, 0);
		if (count < 0)
			break;
		from += (uint64_t)count;
	}
	CHECK_RESULT(errno, EPIPE);
	meet(side, "end");
}

void spans_of_much(struct side *side)
{
	struct xsock *socket = open_pair(side, &small);

	(side->letter == 'a' ? want_much : send_on)(side, socket);
	CHECK_RESULT(xsock_close(socket), 0);
}

/* Each is woken exactly when there is enough. */
void spans_in_steps(struct side *side)
{
	struct xsock *socket = open_pair(side, &small);
	uint64_t from = 0;
	struct call peek = {
		.socket = socket, .run = peek_in_thread, .buffer = &from, .length = 300
	};
	struct call reserve = { .socket = socket, .run = reserve_in_thread, .length = 3000 };

	if (side->letter == 'a') {
		call_start_asleep(&peek);
		meet(side, "asleep");
		meet(side, "some");
		CHECK(!call_is_over(&peek));
		meet(side, "more");
		CHECK_RESULT(call_end(&peek), 300);
		meet(side, "peeked");
		meet(side, "full");
		meet(side, "writer-asleep");
		stream_receive(socket, 1, 0, 2999);
		meet(side, "little-free");
		stream_receive(socket, 1, 2999, 1);
	} else {
		meet(side, "asleep");
		stream_send(socket, 1, 0, 299);
		meet(side, "some");
		meet(side, "more");
		stream_send(socket, 1, 299, 1);
		meet(side, "peeked");
		stream_send(socket, 1, 300, RING - 300);
		meet(side, "full");
		call_start_asleep(&reserve);
		meet(side, "writer-asleep");
		meet(side, "little-free");
		CHECK_RESULT(call_end(&reserve), 3000);
	}
	meet(side, "end");
	CHECK_RESULT(xsock_close(socket), 0);
}

/* A asks again and again for more than is there, and never waits, while B sleeps until more is free
 * than A gives. */
static void ask_for_much(struct side *side, struct xsock *socket)
{
	struct iovec span[2];

	meet(side, "asleep");
	stream_receive(socket, 1, 0, 1000);
	AWAIT(xsock_recv_peek(socket, span, RING, MSG_DONTWAIT) == (ssize_t)RING);
	check(span, 1000);
	CHECK_RESULT(xsock_recv_consume(socket, RING), 0);
	stream_receive(socket, 1, 1000 + RING, RING - 1000);
}

static void send_twice_as_much(struct side *side, struct xsock *socket)
{
	char block[2 * RING];
	struct call call = {
		.socket = socket, .run = call_send, .buffer = block, .length = sizeof block
	};

	stream_fill(1, 0, block, sizeof block);
	call_start_asleep(&call);
	meet(side, "asleep");
	CHECK_RESULT(call_end(&call), sizeof block);
}

void spans_asked_for(struct side *side)
{
	struct xsock *socket = open_pair(side, &small);

	(side->letter == 'a' ? ask_for_much : send_twice_as_much)(side, socket);
	meet(side, "end");
	CHECK_RESULT(xsock_close(socket), 0);
}
