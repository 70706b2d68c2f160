/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A writer and a reader wait for more than half of a ring each, so for each other, unless it grows;
 * that is refused at first, and granted to both once there is room.
 */
#include "scenarios.h"

#include "api/socket.h"
#include "pair.h"
#include "stream.h"

#include <pthread.h>

#define PAGE ((size_t)4096)
#define START ((size_t)128 << 10) /* smaller rings grow under any writer that waits */
#define HOG ((size_t)512 << 10)   /* a ring of the other connection */
#define FIRST                                                                                      \
	((size_t)50000) /* bytes: less than the reader, and leave less than the writer, wants */
#define WANTED ((size_t)96000)

static void *peek(void *socket)
{
	struct iovec span[2];

	CHECK(xsock_recv_peek(socket, span, WANTED, 0) >= (ssize_t)WANTED);
	return NULL;
}

static bool needs(const struct xsock *socket)
{
	struct connection *connection = socket->connection;
	bool one;

	connection_lock(connection, false);
	one = connection->growth[false].needing > 0;
	connection_unlock(connection, false);
	return one;
}

static void read_when_there_is_room(struct side *side, struct xsock *listener)
{
	struct xsock *hog = must_accept(listener), *socket = must_accept(listener);
	pthread_t thread;

	/* The writer's need; the reader's comes later. */
	AWAIT((ready_now(socket, 0), info_of(socket).recv_ring_refusals > 0));
	CHECK_RESULT(pthread_create(&thread, NULL, peek, socket), 0);
	AWAIT(needs(socket));
	CHECK_RESULT(info_of(socket).recv_ring, START);
	CHECK_RESULT(xsock_close(hog), 0);
	CHECK_RESULT(pthread_join(thread, NULL), 0);
	CHECK(info_of(socket).recv_ring > START);
	stream_receive(socket, 1, 0, FIRST + WANTED);
	meet(side, "granted");
	CHECK_RESULT(xsock_close(socket), 0);
}

static void write_when_there_is_room(struct side *side)
{
	const struct xsock_options fixed = { .send_ring = HOG,
					     .recv_ring = HOG,
					     .ring_start = XSOCK_RING_MAX };
	struct xsock *hog = must_connect(side, &fixed), *socket = must_connect(side, NULL);
	struct iovec span[2];

	stream_send(socket, 1, 0, FIRST);
	CHECK(xsock_send_reserve(socket, span, WANTED, 0) >= (ssize_t)WANTED);
	stream_send(socket, 1, FIRST, WANTED);
	meet(side, "granted");
	CHECK_RESULT(xsock_close(hog), 0);
	CHECK_RESULT(xsock_close(socket), 0);
}

static void need_for_a_while(struct side *side, bool a_grants)
{
	struct xsock_options options = {
		.role = a_grants ? XSOCK_ROLE_GRANT : XSOCK_ROLE_MAP,
		.ring_start = START,
		.max_domain_bytes = 2 * HOG + 2 * START + 4 * PAGE,
	};
	struct xsock *listener;

	if (side->letter == 'a') {
		listener = open_listener(side, &options);
		read_when_there_is_room(side, listener);
		CHECK_RESULT(xsock_close(listener), 0);
	} else {
		await_listener(side);
		write_when_there_is_room(side);
	}
}

void growth_denied_for_a_while(struct side *side)
{
	need_for_a_while(side, true);
	need_for_a_while(side, false);
}
