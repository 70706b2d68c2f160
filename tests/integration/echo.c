/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bytes come back as they were sent, in all sizes around pages and rings; both ends know whom they
 * talk to. */
#include "scenarios.h"

#include "pair.h"
#include "stream.h"

#include <stdlib.h>
#include <string.h>

#define LARGEST (2 * XSOCK_RING_DEFAULT + 1)

static const size_t sizes[] = { 1,     2,     3,     7,     8,      63,     64,     65,    100,
				1000,  4095,  4096,  4097,  8191,   8192,   8193,   32767, 32768,
				32769, 65535, 65536, 65537, 100000, 131071, LARGEST };
#define SIZES (sizeof sizes / sizeof sizes[0])

static uint64_t total(void)
{
	uint64_t sum = 0;

	for (size_t at = 0; at < SIZES; at++)
		sum += sizes[at];
	return sum;
}

static void check_info(struct side *side, struct xsock *socket)
{
	struct xsock_info info = info_of(socket);

	CHECK(!strcmp(info.platform, side->ops->name));
	CHECK(!strcmp(info.service, side->scenario));
	CHECK_RESULT(info.own_domain, side->self);
	CHECK_RESULT(info.peer_domain, side->peer);
	CHECK_RESULT(info.role, side->letter == 'a' ? XSOCK_ROLE_GRANT : XSOCK_ROLE_MAP);
	CHECK_RESULT(info.direction, XSOCK_DIR_TWO_WAY);
	CHECK_RESULT(info.send_ring_most, XSOCK_RING_GROWN);
	CHECK_RESULT(info.recv_ring_most, XSOCK_RING_GROWN);
	CHECK_RESULT(info.bytes_sent, total());
	CHECK_RESULT(info.bytes_received, total());
	CHECK_RESULT(info.bytes_to_receive, 0);
	/* The mapper's hello; the granter may find the other awake whenever it sends. */
	CHECK(side->letter == 'a' || info.notifications_sent > 0);
}

static void echo_a(struct side *side)
{
	struct xsock_options options = { .role = XSOCK_ROLE_GRANT };
	struct xsock *listener = open_listener(side, &options);
	struct xsock *socket = must_accept(listener);
	char *buffer = malloc(LARGEST);
	struct xsock_info info = info_of(listener);
	ssize_t count;

	CHECK_RESULT(info.accepted, 1);
	CHECK_RESULT(info.refused, 0);
	CHECK_RESULT(info.peer_domain, side->self);
	CHECK(!strcmp(info.service, side->scenario));
	CHECK_RESULT(xsock_close(listener), 0);
	while ((count = xsock_recv(socket, buffer, LARGEST, 0)) > 0)
		CHECK_RESULT(xsock_send(socket, buffer, (size_t)count, 0), count);
	CHECK_RESULT(count, 0);
	check_info(side, socket);
	CHECK_RESULT(xsock_close(socket), 0);
	free(buffer);
}

static void echo_b(struct side *side)
{
	struct xsock *socket;
	char *buffer = malloc(LARGEST);

	await_listener(side);
	socket = must_connect(side, NULL);
	for (size_t at = 0; at < SIZES; at++) {
		stream_fill(at, 0, buffer, sizes[at]);
		CHECK_RESULT(xsock_send(socket, buffer, sizes[at], 0), (long)sizes[at]);
		memset(buffer, 0, sizes[at]);
		CHECK_RESULT(xsock_recv(socket, buffer, sizes[at], MSG_WAITALL), (long)sizes[at]);
		CHECK(stream_matches(at, 0, buffer, sizes[at]));
	}
	check_info(side, socket);
	CHECK_RESULT(info_of(socket).bytes_to_send, info_of(socket).send_ring);
	CHECK_RESULT(xsock_close(socket), 0);
	free(buffer);
}

void echo(struct side *side)
{
	(side->letter == 'a' ? echo_a : echo_b)(side);
}

/* The connector may be the granter just as well, and A the connector. */
void echo_from_a(struct side *side)
{
	struct xsock_options options = { .role = side->letter == 'a' ? XSOCK_ROLE_GRANT
								     : XSOCK_ROLE_MAP };
	struct xsock *listener = NULL, *socket;

	if (side->letter == 'b') {
		listener = open_listener(side, &options);
		socket = must_accept(listener);
		stream_receive(socket, 1, 0, 100000);
		stream_send(socket, 2, 0, 100000);
	} else {
		await_listener(side);
		socket = must_connect(side, &options);
		stream_send(socket, 1, 0, 100000);
		stream_receive(socket, 2, 0, 100000);
	}
	CHECK_RESULT(info_of(socket).role, options.role);
	CHECK_RESULT(info_of(socket).peer_domain, side->peer);
	meet(side, "done-talking");
	CHECK_RESULT(xsock_close(socket), 0);
	CHECK_RESULT(xsock_close(listener), 0);
}
