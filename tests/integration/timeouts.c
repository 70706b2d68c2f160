/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Waits with an end: time-outs, and sockets that never wait. */
#include "scenarios.h"

#include "call.h"
#include "pair.h"
#include "stream.h"

#include <errno.h>

#define RING ((size_t)4096)
#define LIMIT 60 /* ms */

static void took_at_least(int64_t since, int limit)
{
	CHECK(now_us() - since >= limit * 1000);
	CHECK(now_us() - since < WAIT_LIMIT * 1000);
}

static void receive_late(struct side *side, struct xsock *socket)
{
	struct iovec span[2];
	int64_t start = now_us();
	char block[100];

	FAILS(xsock_recv(socket, block, 1, 0), ETIMEDOUT, "nothing came");
	took_at_least(start, LIMIT);
	start = now_us();
	FAILS(xsock_recv_peek(socket, span, 10, 0), ETIMEDOUT, "nothing came");
	took_at_least(start, LIMIT);
	FAILS(xsock_recv(socket, block, 1, MSG_DONTWAIT), EAGAIN, "");
	meet(side, "ten");
	start = now_us();
	CHECK_RESULT(xsock_recv(socket, block, 100, MSG_PEEK | MSG_WAITALL), 10);
	took_at_least(start, LIMIT);
	FAILS(xsock_recv_peek(socket, span, 11, 0), ETIMEDOUT, "");
	start = now_us();
	CHECK_RESULT(xsock_recv(socket, block, 100, MSG_WAITALL), 10);
	took_at_least(start, LIMIT);
	CHECK(stream_matches(1, 0, block, 10));
	FAILS(xsock_recv(socket, block, 100, MSG_WAITALL), ETIMEDOUT, "");
}

static void send_late(struct side *side, struct xsock *socket)
{
	struct iovec span[2];
	int64_t start = now_us();
	char block[2 * RING];

	meet(side, "ten");
	stream_fill(1, 0, block, sizeof block);
	CHECK_RESULT(xsock_send(socket, block, 10, 0), 10);
	meet(side, "received");
	AWAIT(info_of(socket).bytes_to_send == RING);
	start = now_us();
	CHECK_RESULT(xsock_send(socket, block, sizeof block, 0), RING);
	took_at_least(start, LIMIT);
	start = now_us();
	FAILS(xsock_send(socket, block, 1, 0), ETIMEDOUT, "space");
	took_at_least(start, LIMIT);
	FAILS(xsock_send_reserve(socket, span, 1, 0), ETIMEDOUT, "space");
	CHECK_RESULT(info_of(socket).bytes_sent, RING + 10);
}

/* Without a limit from now on: sleeps until the other side does something. */
static void wait_without_limit(struct side *side, struct xsock *socket)
{
	char byte = 'w';
	struct call call = { .socket = socket,
			     .run = side->letter == 'a' ? call_recv : call_send,
			     .buffer = &byte,
			     .length = 1 };

	FAILS(xsock_set_timeouts(socket, -2, 0), EINVAL, "time-out");
	FAILS(xsock_set_timeouts(socket, 0, -2), EINVAL, "time-out");
	CHECK_RESULT(xsock_set_timeouts(socket, 0, -1), 0);
	if (side->letter == 'a') {
		stream_receive(socket, 1, 0, RING);
		meet(side, "read");
		call_start_asleep(&call);
		meet(side, "asleep");
		CHECK_RESULT(call_end(&call), 1);
	} else {
		meet(side, "read");
		meet(side, "asleep");
		CHECK_RESULT(xsock_send(socket, "n", 1, 0), 1);
	}
	CHECK_RESULT(xsock_set_timeouts(socket, LIMIT, LIMIT), 0);
	FAILS(xsock_recv(socket, &byte, 1, 0), ETIMEDOUT, "");
}

void timeouts(struct side *side)
{
	struct xsock_options options = {
		.send_ring = RING, .recv_ring = RING, .send_timeout = LIMIT, .recv_timeout = LIMIT
	};
	struct xsock *socket = open_pair(side, &options);

	if (side->letter == 'a') {
		receive_late(side, socket);
		meet(side, "received");
		meet(side, "sent");
	} else {
		send_late(side, socket);
		meet(side, "sent");
	}
	wait_without_limit(side, socket);
	meet(side, "end");
	CHECK_RESULT(xsock_close(socket), 0);
}

/* -- peers that are always just in time ------------------------------------------------------- */

#define PIECE 65536
#define PIECES 256

/* All of them the same. */
static void cover(struct iovec pieces[PIECES], char piece[PIECE])
{
	for (int at = 0; at < PIECES; at++)
		pieces[at] = (struct iovec){ .iov_base = piece, .iov_len = PIECE };
}

static void a_moment(void)
{
	int64_t until = now_us() + 10;

	while (now_us() < until)
		continue;
}

/* A byte at a time, until the other end has had enough. */
static void trickle(struct xsock *socket)
{
	while (xsock_send(socket, "t", 1, 0) == 1)
		a_moment();
	CHECK(errno == EPIPE);
}

/* An eighth of the ring at a time, to the end. */
static void sip(struct xsock *socket)
{
	char block[RING / 8];

	while (xsock_recv(socket, block, sizeof block, 0) > 0)
		a_moment();
}

void timeouts_just_in_time(struct side *side)
{
	struct xsock_options options = {
		.send_ring = RING, .recv_ring = RING, .send_timeout = LIMIT, .recv_timeout = LIMIT
	};
	struct xsock *socket = open_pair(side, &options);
	static struct iovec pieces[PIECES];
	static char piece[PIECE];

	cover(pieces, piece);
	if (side->letter == 'a') {
		CHECK(xsock_recvv(socket, pieces, PIECES, MSG_WAITALL) < PIECE);
		CHECK_RESULT(xsock_shutdown(socket, SHUT_RD), 0);
		CHECK(xsock_sendv(socket, pieces, PIECES, 0) < (ssize_t)PIECES * PIECE);
		CHECK_RESULT(xsock_shutdown(socket, SHUT_WR), 0);
	} else {
		CHECK_RESULT(xsock_set_timeouts(socket, 0, 0), 0);
		trickle(socket);
		sip(socket);
	}
	meet(side, "end");
	CHECK_RESULT(xsock_close(socket), 0);
}

/* -- sockets that never wait ------------------------------------------------------------------ */

static void accept_late(struct side *side, struct xsock *listener)
{
	struct xsock_options options = with_platform(side, NULL);
	int64_t start = now_us();
	struct xsock *patient;

	FAILS_TO_OPEN(xsock_accept(listener, WAIT_LIMIT), EAGAIN, "nobody");
	FAILS_TO_OPEN(xsock_accept(listener, 0), EAGAIN, "nobody");
	CHECK(now_us() - start < WAIT_LIMIT * 1000);
	patient = xsock_listen("patient", &options);
	CHECK(patient);
	start = now_us();
	FAILS_TO_OPEN(xsock_accept(patient, LIMIT), ETIMEDOUT, "");
	took_at_least(start, LIMIT);
	FAILS_TO_OPEN(xsock_accept(patient, 0), EAGAIN, "nobody");
	CHECK_RESULT(ready_now(patient, POLLIN), 0);
	CHECK_RESULT(xsock_close(patient), 0);
}

static void never_wait(struct xsock *socket)
{
	char block[2 * RING];
	struct iovec span[2];

	FAILS(xsock_recv(socket, block, 1, 0), EAGAIN, "");
	FAILS(xsock_recv(socket, block, 1, MSG_WAITALL), EAGAIN, "");
	FAILS(xsock_recv_peek(socket, span, 1, 0), EAGAIN, "");
	stream_fill(1, 0, block, sizeof block);
	CHECK_RESULT(xsock_send(socket, block, sizeof block, 0), RING);
	FAILS(xsock_send(socket, block, 1, 0), EAGAIN, "");
	FAILS(xsock_send_reserve(socket, span, 1, 0), EAGAIN, "");
}

void nonblocking(struct side *side)
{
	struct xsock_options options = { .send_ring = RING,
					 .recv_ring = RING,
					 .flags = XSOCK_NONBLOCK };
	struct xsock *socket, *listener = NULL;

	if (side->letter == 'a') {
		listener = open_listener(side, &options);
		accept_late(side, listener);
		meet(side, "nobody");
		CHECK_RESULT(await_ready(listener, POLLIN), POLLIN);
		socket = must_accept(listener);
		CHECK_RESULT(xsock_close(listener), 0);
	} else {
		await_listener(side);
		meet(side, "nobody");
		options.flags = 0;
		socket = must_connect(side, &options);
	}
	meet(side, "connected");
	if (side->letter == 'a')
		never_wait(socket);
	meet(side, "tried");
	if (side->letter == 'b')
		stream_receive(socket, 1, 0, RING);
	CHECK_RESULT(xsock_close(socket), 0);
}
