/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A listener's limits: those over them are turned away and counted, the others are served. */
#include "scenarios.h"

#include "pair.h"

#include <errno.h>
#include <stdio.h>
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

/* -- every limit by itself ----------------------------------------------------------------------
 */

#define PAGES_OF_ONE 3 /* a control page and two rings */
#define MOST 8

static const struct {
	struct xsock_options limits;
	int let_in; /* 0: one or more, as time goes by */
	int error;
	enum xsock_refusal cause;
	const char *option;
} cases[] = {
	{ { .max_domain_connections = 2 },
	  2,
	  EDQUOT,
	  XSOCK_REFUSED_DOMAIN_CONNECTIONS,
	  "max_domain_connections" },
	{ { .max_connections = 2 }, 2, EDQUOT, XSOCK_REFUSED_CONNECTIONS, "max_connections" },
	{ { .max_domain_bytes = (2 * PAGES_OF_ONE + 1) * 4096 },
	  2,
	  EDQUOT,
	  XSOCK_REFUSED_DOMAIN_BYTES,
	  "max_domain_bytes" },
	{ { .max_bytes = 2 * PAGES_OF_ONE * 4096 }, 2, EDQUOT, XSOCK_REFUSED_BYTES, "max_bytes" },
	{ { .max_domain_backlog = 2 },
	  2,
	  ECONNREFUSED,
	  XSOCK_REFUSED_DOMAIN_BACKLOG,
	  "max_domain_backlog" },
	{ { .backlog = 2, .max_domain_backlog = 3 },
	  2,
	  ECONNREFUSED,
	  XSOCK_REFUSED_BACKLOG,
	  "backlog" },
	{ { .max_domain_rate = 1 }, 0, ECONNREFUSED, XSOCK_REFUSED_DOMAIN_RATE, "max_domain_rate" },
	{ { .max_rate = 1 }, 0, ECONNREFUSED, XSOCK_REFUSED_RATE, "max_rate" },
};

#define CASES (int)(sizeof cases / sizeof cases[0])

static void refuse_over(struct side *side, int number, const char *word)
{
	struct xsock_options options = cases[number].limits;
	struct xsock_info info;
	struct xsock *listener;

	listener = open_listener(side, &options);
	work_until_told(side, listener, word);
	info = info_of(listener);
	CHECK_RESULT(info.refused, 1);
	CHECK_RESULT(info.refused_by[cases[number].cause], 1);
	CHECK_RESULT(info.last_refusal, cases[number].cause);
	CHECK_RESULT(info.last_refused_domain, side->peer);
	CHECK(strstr(info.last_refusal_text, cases[number].option));
	CHECK_RESULT(xsock_close(listener), 0);
}

static void go_over(struct side *side, int number, const char *word)
{
	const struct xsock_options options = small(XSOCK_ROLE_AUTO);
	struct xsock *sockets[MOST];
	int count = 0;

	await_listener(side);
	while (count < MOST && (sockets[count] = try_connect(side, &options)))
		count++;
	CHECK(count < MOST && count > 0);
	FAILS_TO_OPEN(NULL, cases[number].error, cases[number].option);
	if (cases[number].let_in > 0)
		CHECK_RESULT(count, cases[number].let_in);
	say(side, word, "%s", "over");
	while (count > 0)
		CHECK_RESULT(xsock_close(sockets[--count]), 0);
}

void each_limit(struct side *side)
{
	char word[24];

	for (int number = 0; number < CASES; number++) {
		snprintf(word, sizeof word, "over-%d", number);
		(side->letter == 'a' ? refuse_over : go_over)(side, number, word);
		snprintf(word, sizeof word, "end-%d", number);
		meet(side, word);
	}
}
