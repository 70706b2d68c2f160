/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A listener's limits: those over them are turned away and counted, the others are served. */
#include "scenarios.h"

#include "pair.h"

#include <errno.h>
#include <string.h>

#define BACKLOG 3
#define CONNECTIONS 4

static struct xsock_options small(enum xsock_role role)
{
	return (struct xsock_options){ .send_ring = 4096, .recv_ring = 4096, .role = role };
}

/* Works for its clients, but accepts nobody, until B says so. */
static void work_until_told(struct side *side, struct xsock *listener, const char *word)
{
	char value[8] = "";
	const char *path = peer_path(side, word);
	struct xsock_pollfd entry = { .socket = listener };

	while (side->ops->store_read(side->meeting, path, value, sizeof value) <= 0)
		CHECK_RESULT(xsock_poll(&entry, 1, 10), 0);
}

static void keep_backlog(struct side *side, enum xsock_role role, const char *word)
{
	struct xsock_options options = small(role);
	struct xsock *listener, *socket;

	options.backlog = BACKLOG;
	listener = open_listener(side, &options);
	work_until_told(side, listener, word);
	CHECK_RESULT(info_of(listener).accepted, 0);
	CHECK_RESULT(info_of(listener).refused, 2);
	for (int count = 0; count < BACKLOG + 1; count++) {
		socket = must_accept(listener);
		meet_over(socket);
		CHECK_RESULT(xsock_close(socket), 0);
	}
	CHECK_RESULT(info_of(listener).accepted, BACKLOG + 1);
	CHECK_RESULT(info_of(listener).refused, 2);
	CHECK_RESULT(xsock_close(listener), 0);
}

static void overfill_backlog(struct side *side, enum xsock_role role, const char *word)
{
	struct xsock_options options = small(role);
	struct xsock *sockets[BACKLOG + 1];

	await_listener(side);
	for (int at = 0; at < BACKLOG; at++)
		sockets[at] = must_connect(side, &options);
	FAILS_TO_OPEN(try_connect(side, &options), ECONNREFUSED, "backlog");
	FAILS_TO_OPEN(try_connect(side, &options), ECONNREFUSED, "backlog");
	say(side, word, "%s", "full");
	for (int at = 0; at < BACKLOG; at++) {
		meet_over(sockets[at]);
		CHECK_RESULT(xsock_close(sockets[at]), 0);
	}
	sockets[BACKLOG] = must_connect(side, &options);
	meet_over(sockets[BACKLOG]);
	CHECK_RESULT(xsock_close(sockets[BACKLOG]), 0);
}

void backlog(struct side *side)
{
	if (side->letter == 'a') {
		keep_backlog(side, XSOCK_ROLE_GRANT, "full-granter");
		keep_backlog(side, XSOCK_ROLE_MAP, "full-mapper");
	} else {
		overfill_backlog(side, XSOCK_ROLE_MAP, "full-granter");
		overfill_backlog(side, XSOCK_ROLE_GRANT, "full-mapper");
	}
}

/* -- connections of one domain ---------------------------------------------------------------- */

static void accept_few(struct side *side)
{
	struct xsock_options options = small(XSOCK_ROLE_GRANT);
	struct xsock *listener, *sockets[CONNECTIONS];

	options.max_domain_connections = CONNECTIONS;
	listener = open_listener(side, &options);
	for (int at = 0; at < CONNECTIONS; at++)
		sockets[at] = must_accept(listener);
	work_until_told(side, listener, "over");
	CHECK_RESULT(info_of(listener).refused, 1);
	CHECK_RESULT(xsock_close(sockets[0]), 0);
	meet(side, "one-free");
	sockets[0] = must_accept(listener);
	for (int at = 0; at < CONNECTIONS; at++) {
		meet_over(sockets[at]);
		CHECK_RESULT(xsock_close(sockets[at]), 0);
	}
	CHECK_RESULT(info_of(listener).accepted, CONNECTIONS + 1);
	CHECK_RESULT(xsock_close(listener), 0);
}

static void connect_many(struct side *side)
{
	struct xsock_options options = small(XSOCK_ROLE_MAP);
	struct xsock *sockets[CONNECTIONS];

	await_listener(side);
	for (int at = 0; at < CONNECTIONS; at++)
		sockets[at] = must_connect(side, &options);
	FAILS_TO_OPEN(try_connect(side, &options), EDQUOT, "limit");
	say(side, "over", "%s", "it");
	meet(side, "one-free");
	CHECK_RESULT(xsock_close(sockets[0]), 0);
	sockets[0] = must_connect(side, &options);
	for (int at = 0; at < CONNECTIONS; at++) {
		meet_over(sockets[at]);
		CHECK_RESULT(xsock_close(sockets[at]), 0);
	}
}

void domain_connections(struct side *side)
{
	(side->letter == 'a' ? accept_few : connect_many)(side);
}
