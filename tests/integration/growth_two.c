/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two threads wait for more than the ring has: the ring grows for both, though one is done first. */
#include "scenarios.h"

#include "api/socket.h"
#include "pair.h"
#include "stream.h"

#include <pthread.h>

#define LITTLE ((size_t)20 * 1024)
#define MUCH ((size_t)200 * 1024)

struct call {
	struct xsock *socket;
	size_t want;
};

static void *peek(void *argument)
{
	const struct call *call = argument;
	struct iovec span[2];

	CHECK(xsock_recv_peek(call->socket, span, call->want, 0) >= (ssize_t)call->want);
	return NULL;
}

static unsigned calls_that_need(const struct xsock *socket)
{
	struct connection *connection = socket->connection;
	unsigned count;

	connection_lock(connection, false);
	count = connection->growth[false].needing;
	connection_unlock(connection, false);
	return count;
}

static void read_with_two(struct side *side, struct xsock *socket, const char *word)
{
	struct call calls[2] = { { socket, MUCH }, { socket, LITTLE } };
	static char block[MUCH];
	pthread_t threads[2];

	for (unsigned at = 0; at < 2; at++) {
		CHECK_RESULT(pthread_create(&threads[at], NULL, peek, &calls[at]), 0);
		AWAIT(calls_that_need(socket) == at + 1);
	}
	say(side, word, "%s", "both");
	for (unsigned at = 0; at < 2; at++)
		CHECK_RESULT(pthread_join(threads[at], NULL), 0);
	CHECK_RESULT(xsock_recv(socket, block, MUCH, MSG_WAITALL), (ssize_t)MUCH);
	CHECK(stream_matches(1, 0, block, MUCH));
}

static void need_twice(struct side *side, bool a_grants)
{
	bool grants = (side->letter == 'a') == a_grants;
	struct xsock_options options = { .role = grants ? XSOCK_ROLE_GRANT : XSOCK_ROLE_MAP };
	const char *word = a_grants ? "two-at-granter" : "two-at-mapper";
	struct xsock *socket = open_pair(side, &options);
	char value[8];

	if (side->letter == 'a') {
		read_with_two(side, socket, word);
	} else {
		hear(side, word, value, sizeof value);
		stream_send(socket, 1, 0, MUCH);
	}
	meet_over(socket);
	CHECK_RESULT(xsock_close(socket), 0);
}

void growth_two_needs(struct side *side)
{
	need_twice(side, true);
	need_twice(side, false);
}
