/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Each direction ends by itself, and whoever waits learns of it. */
#include "scenarios.h"

#include "call.h"
#include "pair.h"
#include "stream.h"

#include <errno.h>

#define RING ((size_t)4096)

static const struct xsock_options small = { .send_ring = RING, .recv_ring = RING };

/* B ends its sending; A drains, and goes on sending to B. */
void shut_writing(struct side *side)
{
	struct xsock *socket = open_pair(side, &small);
	char byte;

	if (side->letter == 'b') {
		stream_send(socket, 1, 0, 3000);
		CHECK_RESULT(xsock_shutdown(socket, SHUT_WR), 0);
		CHECK_RESULT(xsock_shutdown(socket, SHUT_WR), 0);
		FAILS(xsock_send(socket, "x", 1, 0), EPIPE, "shut down");
		FAILS(xsock_send(socket, "x", 0, 0), EPIPE, "shut down");
		stream_receive(socket, 2, 0, 5 * RING);
		CHECK_RESULT(xsock_recv(socket, &byte, 1, 0), 0);
	} else {
		CHECK_RESULT(stream_receive_all(socket, 1), 3000);
		for (int again = 0; again < 3; again++) {
			CHECK_RESULT(xsock_recv(socket, &byte, 1, 0), 0);
			CHECK_RESULT(xsock_recv(socket, &byte, 1, MSG_DONTWAIT | MSG_PEEK), 0);
		}
		CHECK_RESULT(ready_now(socket, POLLIN | POLLOUT), POLLIN | POLLOUT);
		stream_send(socket, 2, 0, 5 * RING);
		CHECK_RESULT(xsock_shutdown(socket, SHUT_WR), 0);
		/* Both directions are over for this end now. */
		CHECK(ready_now(socket, 0) & POLLHUP);
	}
	meet(side, "end");
	CHECK_RESULT(xsock_close(socket), 0);
}

/* A ends its receiving: what has come is still there, B learns with its next send. */
void shut_reading(struct side *side)
{
	struct xsock *socket = open_pair(side, &small);
	char block[100];

	if (side->letter == 'b') {
		stream_send(socket, 1, 0, 100);
		meet(side, "sent");
		meet(side, "shut");
		FAILS(xsock_send(socket, "x", 1, 0), EPIPE, "reads no more");
		FAILS(xsock_send(socket, "x", 1, MSG_DONTWAIT), EPIPE, "reads no more");
		stream_receive(socket, 2, 0, 100);
	} else {
		meet(side, "sent");
		CHECK_RESULT(xsock_shutdown(socket, SHUT_RD), 0);
		meet(side, "shut");
		CHECK_RESULT(xsock_recv(socket, block, sizeof block, 0), 100);
		CHECK(stream_matches(1, 0, block, 100));
		CHECK_RESULT(xsock_recv(socket, block, sizeof block, 0), 0);
		stream_send(socket, 2, 0, 100);
	}
	meet(side, "end");
	CHECK_RESULT(xsock_close(socket), 0);
}

/* -- whoever sleeps --------------------------------------------------------------------------- */

static struct xsock *fill(struct xsock *socket)
{
	char block[RING];

	stream_fill(1, 0, block, sizeof block);
	CHECK_RESULT(xsock_send(socket, block, sizeof block, 0), RING);
	return socket;
}

/* In A: a shutdown by another thread of A (`own`), or by B. */
static void sleep_until_shut(struct side *side, bool own)
{
	struct xsock *socket = fill(open_pair(side, &small));
	char byte = 0;
	struct call receive = { .socket = socket, .run = call_recv, .buffer = &byte, .length = 1 };
	struct call send = { .socket = socket, .run = call_send, .buffer = &byte, .length = 1 };
	struct call poll = { .socket = socket, .run = call_poll, .flags = POLLIN };

	stream_receive(socket, 1, 0, RING);
	call_start_asleep(&receive);
	call_start_asleep(&send);
	call_start(&poll);
	meet(side, own ? "own-asleep" : "asleep");
	if (own)
		CHECK_RESULT(xsock_shutdown(socket, SHUT_RDWR), 0);
	CHECK_RESULT(call_end(&receive), 0);
	FAILS(call_end(&send), EPIPE, "");
	CHECK(call_end(&poll) & POLLIN);
	CHECK(await_ready(socket, 0) & POLLHUP);
	CHECK(!(ready_now(socket, 0) & POLLERR));
	meet(side, own ? "own-end" : "end");
	CHECK_RESULT(xsock_close(socket), 0);
}

static void shut_sleepers(struct side *side, bool own)
{
	struct xsock *socket = fill(open_pair(side, &small));

	meet(side, own ? "own-asleep" : "asleep");
	if (!own)
		CHECK_RESULT(xsock_shutdown(socket, SHUT_RDWR), 0);
	meet(side, own ? "own-end" : "end");
	CHECK_RESULT(xsock_close(socket), 0);
}

void shutdown_wakes(struct side *side)
{
	for (int own = 0; own < 2; own++)
		(side->letter == 'a' ? sleep_until_shut : shut_sleepers)(side, own);
}

/* A close, too, wakes the other end: a reader that wants more than there is, in place. */
static long peek_many(struct call *call)
{
	struct iovec span[2];

	return xsock_recv_peek(call->socket, span, call->length, 0);
}

void close_wakes(struct side *side)
{
	struct xsock *socket = open_pair(side, &small);
	struct call peek = { .socket = socket, .run = peek_many, .length = 1000 };

	if (side->letter == 'a') {
		AWAIT(info_of(socket).bytes_to_receive == 10);
		call_start_asleep(&peek);
		meet(side, "asleep");
		CHECK_RESULT(call_end(&peek), 10);
	} else {
		stream_send(socket, 1, 0, 10);
		meet(side, "asleep");
	}
	CHECK_RESULT(xsock_close(socket), 0);
}

/* -- not connected ---------------------------------------------------------------------------- */

/* As with TCP, shutting a listener down wakes who waits in accept, which fails from then on. */
static void accept_ends(struct xsock *listener)
{
	struct call call = { .socket = listener, .run = call_accept };

	call_start_asleep(&call);
	CHECK_RESULT(xsock_shutdown(listener, SHUT_RDWR), 0);
	call_end(&call);
	CHECK(call.buffer == NULL && call.error == EINVAL);
	FAILS_TO_OPEN(xsock_accept(listener, -1), EINVAL, "shut down");
}

void not_connected(struct side *side)
{
	struct xsock_options options = with_platform(side, NULL);
	struct xsock *listener = xsock_listen("not-connected", &options), *socket;
	char byte;

	CHECK(listener);
	FAILS(xsock_send(listener, "x", 1, 0), ENOTCONN, "listener");
	FAILS(xsock_recv(listener, &byte, 1, 0), ENOTCONN, "listener");
	FAILS(xsock_connect_finish(listener), ENOTCONN, "listener");
	FAILS(xsock_set_timeouts(listener, 0, 0), ENOTCONN, "listener");
	accept_ends(listener);
	CHECK_RESULT(xsock_close(listener), 0);
	FAILS(xsock_shutdown(NULL, SHUT_WR), EINVAL, "NULL");
	socket = open_pair(side, NULL);
	FAILS(xsock_shutdown(socket, 7), EINVAL, "7");
	FAILS_TO_OPEN(xsock_accept(socket, 0), EINVAL, "not a listener");
	CHECK_RESULT(xsock_connect_finish(socket), 0);
	meet_over(socket);
	CHECK_RESULT(xsock_close(socket), 0);
	CHECK_RESULT(xsock_close(NULL), 0);
}
