/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Ends that break the protocol where they meet, in the store, or in what they leave out later: it
 * costs the other end an errno, never more. (What one ring is told is tests/unit/ring's.)
 */
#include "scenarios.h"

#include "api/socket.h"
#include "pair.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#define FLOOD 60

static void write_node(struct side *side, const char *path, const char *value,
		       const struct store_permissions *permissions)
{
	CHECK_RESULT(side->ops->store_write(side->store, path, value), 0);
	CHECK_RESULT(side->ops->store_set_permissions(side->store, path, permissions), 0);
}

static void service_path(const struct side *side, unsigned domain, const char *below,
			 char path[STORE_PATH_MAX])
{
	snprintf(path, STORE_PATH_MAX, "/local/domain/%u/data/xsock/service/%s%s", domain,
		 side->scenario, below);
}

/* -- announcements -------------------------------------------------------------------------- */

static const char *const announcements[] = {
	"xsock=1 role=2 direction=0 send=6000 recv=6000 max=16777216 open=1",
	"xsock=1 role=2 direction=0 send=1 recv=1 max=16777216 open=1",
	"xsock=1 role=1 direction=0 send=4294967295 recv=0 max=16777216 open=1",
	"xsock=1 role=7 direction=0 send=0 recv=0 max=16777216 open=1",
	"xsock=2 role=0 direction=0 send=0 recv=0 max=16777216 open=1",
	"xsock=1 role=0 role=0",
	"what is this",
	"xsock=18446744073709551616",
};

#define ANNOUNCEMENTS (sizeof announcements / sizeof announcements[0])

static void announce_nonsense(struct side *side)
{
	struct store_permissions readable = { .owner = side->self, .others = ACCESS_READ };
	struct xsock_options options = with_platform(side, NULL);
	/* Keeps what is written below data/xsock from being taken for a dead process's leftovers.
	 */
	struct xsock *presence = xsock_listen("presence", &options);
	char path[STORE_PATH_MAX];

	CHECK(presence);
	service_path(side, side->self, "", path);
	for (size_t at = 0; at < ANNOUNCEMENTS; at++) {
		char word[16];

		write_node(side, path, announcements[at], &readable);
		snprintf(word, sizeof word, "written-%zu", at);
		meet(side, word);
		snprintf(word, sizeof word, "refused-%zu", at);
		meet(side, word);
	}
	CHECK_RESULT(side->ops->store_remove(side->store, path), 0);
	CHECK_RESULT(xsock_close(presence), 0);
}

static void refuse_nonsense(struct side *side)
{
	for (size_t at = 0; at < ANNOUNCEMENTS; at++) {
		char word[16];

		snprintf(word, sizeof word, "written-%zu", at);
		meet(side, word);
		FAILS_TO_OPEN(try_connect(side, NULL), EPROTO, "");
		snprintf(word, sizeof word, "refused-%zu", at);
		meet(side, word);
	}
}

void hostile_announcements(struct side *side)
{
	(side->letter == 'a' ? announce_nonsense : refuse_nonsense)(side);
}

/* -- requests ------------------------------------------------------------------------------- */

static const char *const requests[] = {
	"xsock=1",
	"xsock=1 role=0 direction=0 send=6000 recv=6000 nonce=1",
	"xsock=1 role=0 direction=0 send=0 recv=0 nonce=0",
	"xsock=1 role=1 direction=0 send=0 recv=0 nonce=1 ref=4294967295 port=4294967295",
	"xsock=1 error=0 ref=1 port=1",
	"xsock=9 role=0 direction=0 send=0 recv=0 nonce=1",
	"===",
};

#define REQUESTS (sizeof requests / sizeof requests[0])

/* A has a small listener, which must serve the honest client that comes after the flood. */
static void serve_all_the_same(struct side *side)
{
	struct xsock_options options = { .role = XSOCK_ROLE_MAP, .backlog = 4 };
	struct xsock *listener = open_listener(side, &options);
	struct xsock *socket = must_accept(listener);

	CHECK(info_of(listener).refused > 0);
	meet_over(socket);
	CHECK_RESULT(xsock_close(socket), 0);
	CHECK_RESULT(xsock_close(listener), 0);
}

static void flood(struct side *side)
{
	struct store_permissions permissions = { .owner = side->self,
						 .count = 1,
						 .grantee = { { side->peer, ACCESS_BOTH } } };
	char path[STORE_PATH_MAX], below[32];

	for (int at = 0; at < FLOOD; at++) {
		snprintf(below, sizeof below, "/any/%016x", at);
		service_path(side, side->peer, below, path);
		/* Some stay without their last permissions. */
		/* The listener may be just making the place anew, or have removed the node. */
		side->ops->store_write(side->store, path, requests[(size_t)at % REQUESTS]);
		if (at % 5 != 0)
			side->ops->store_set_permissions(side->store, path, &permissions);
	}
}

/* Refused while the listener still remembers as many of this domain's nodes as it cares to. */
static void flood_and_connect(struct side *side)
{
	struct xsock_options options = { .role = XSOCK_ROLE_GRANT };
	struct xsock *socket;
	int64_t limit = now_us() + WAIT_LIMIT * 1000;

	await_listener(side);
	flood(side);
	while (!(socket = try_connect(side, &options))) {
		CHECK_RESULT(errno, ECONNREFUSED);
		nap(limit, "an honest client is served after the flood", __FILE__, __LINE__);
		/* Half requests are forgotten after seconds. */
		poll(NULL, 0, 20);
	}
	meet_over(socket);
	CHECK_RESULT(xsock_close(socket), 0);
}

void hostile_requests(struct side *side)
{
	(side->letter == 'a' ? serve_all_the_same : flood_and_connect)(side);
}

/* -- ends ----------------------------------------------------------------------------------- */

#define RING ((size_t)4096)

static void send_to_the_end(struct xsock *socket)
{
	static const char block[2 * RING];
	struct iovec span[2];

	CHECK(xsock_send(socket, block, sizeof block, 0) <= (ssize_t)RING);
	FAILS(xsock_send(socket, block, sizeof block, 0), EPIPE, "reads no more");
	FAILS(xsock_send(socket, block, sizeof block, MSG_DONTWAIT), EPIPE, "");
	FAILS(xsock_send_reserve(socket, span, 1, 0), EPIPE, "");
	/* Its waits look for more. */
	CHECK(xsock_fd(socket) >= 0);
	FAILS(xsock_send(socket, block, sizeof block, MSG_DONTWAIT), EPIPE, "");
}

/* B marks its end without the cut, which belongs before it, and stays. */
void hostile_end(struct side *side)
{
	struct xsock_options options = { .send_ring = RING, .recv_ring = RING };
	struct xsock *socket = open_pair(side, &options);

	if (side->letter == 'b')
		consumer_end(&socket->connection->in);
	meet(side, "marked");
	if (side->letter == 'a')
		send_to_the_end(socket);
	meet(side, "end");
	CHECK_RESULT(xsock_close(socket), 0);
}

/* -- floods --------------------------------------------------------------------------------- */

#define MORE_THAN_LOOKED_AT 80    /* events of the store that a listener looks at one by one */
#define BEFORE_TIME_IS_UP 3000000 /* us: less than a set-up has anyway */

/* The end of B's request is one of many events, of which the listener does not look at each. */
static void see_it_all_the_same(struct side *side)
{
	struct xsock_options options = { .role = XSOCK_ROLE_GRANT };
	struct xsock *listener = open_listener(side, &options);
	int64_t began;

	AWAIT((ready_now(listener, POLLIN), listener->listener->waiting == 1));
	began = now_us();
	meet(side, "answered");
	meet(side, "left");
	AWAIT((ready_now(listener, POLLIN), listener->listener->waiting == 0));
	CHECK(now_us() - began < BEFORE_TIME_IS_UP);
	CHECK_RESULT(info_of(listener).refused_by[XSOCK_REFUSED_UNFINISHED], 1);
	meet(side, "end");
	CHECK_RESULT(xsock_close(listener), 0);
}

static void leave_in_a_flood(struct side *side)
{
	struct xsock_options options = { .role = XSOCK_ROLE_MAP, .flags = XSOCK_NONBLOCK };
	char path[STORE_PATH_MAX], below[32];
	struct xsock *socket;

	await_listener(side);
	socket = must_connect(side, &options);
	meet(side, "answered");
	for (int at = 0; at < MORE_THAN_LOOKED_AT; at++) {
		snprintf(below, sizeof below, "/any/%016x", at);
		service_path(side, side->peer, below, path);
		CHECK_RESULT(side->ops->store_write(side->store, path, ""), 0);
	}
	CHECK_RESULT(xsock_close(socket), 0);
	meet(side, "left");
	meet(side, "end");
}

void hostile_flood(struct side *side)
{
	(side->letter == 'a' ? see_it_all_the_same : leave_in_a_flood)(side);
}

/* -- the place of requests removed ------------------------------------------------------------ */

static const struct platform_ops *true_ops;
static char place[STORE_PATH_MAX];

/* As if the request's domain removed the place just after this was read, before it is answered. */
static ssize_t read_and_remove(struct store *store, const char *path, char *value, size_t size)
{
	ssize_t length = true_ops->store_read(store, path, value, size);

	/* Not checked inside of the library; if it fails, the other side is not refused. */
	if (length > 0 && strncmp(path, place, strlen(place)) == 0)
		true_ops->store_remove(store, place);
	return length;
}

/* In the end it is there again, and open. */
static void lose_the_place(struct side *side)
{
	struct xsock_options options = { .role = XSOCK_ROLE_GRANT };
	struct xsock *listener = open_listener(side, &options), *socket;
	static struct platform_ops removing;
	char value[8] = "";

	removing = *side->ops;
	service_path(side, side->self, "/any", place);
	true_ops = side->ops;
	removing.store_read = read_and_remove;
	side->platform->ops = &removing;
	AWAIT((ready_now(listener, POLLIN),
	       side->ops->store_read(side->meeting, peer_path(side, "refused"), value,
				     sizeof value) > 0));
	side->platform->ops = true_ops;
	say(side, "as-ever", "%s", "yes");
	socket = must_accept(listener);
	meet_over(socket);
	CHECK_RESULT(xsock_close(socket), 0);
	CHECK_RESULT(xsock_close(listener), 0);
}

static void find_the_place(struct side *side)
{
	struct xsock_options options = { .role = XSOCK_ROLE_MAP };
	struct xsock *socket;
	char value[8];

	await_listener(side);
	FAILS_TO_OPEN(try_connect(side, &options), ECONNREFUSED, "went away");
	say(side, "refused", "%s", "yes");
	hear(side, "as-ever", value, sizeof value);
	socket = must_connect(side, &options);
	meet_over(socket);
	CHECK_RESULT(xsock_close(socket), 0);
}

void hostile_removal(struct side *side)
{
	(side->letter == 'a' ? lose_the_place : find_the_place)(side);
}

/* -- more nodes than a domain gets ------------------------------------------------------------ */

#define NODES 5
#define SHARE 2
#define NAME_BYTES 17 /* of a request's node, with its end */

/* As on Xen, where all names of one place share some room, of which a domain gets a third. */
static void let_few_nodes_be(struct side *side)
{
	struct xsock *listener = open_listener(side, NULL);
	static struct platform_ops small;

	small = *side->ops;
	small.names_room = 3 * SHARE * NAME_BYTES;
	side->platform->ops = &small;
	/* And one whose name no request has. */
	AWAIT((ready_now(listener, POLLIN),
	       info_of(listener).refused_by[XSOCK_REFUSED_REQUESTS] == NODES - SHARE + 1));
	CHECK_RESULT(listener->listener->entry_count, SHARE);
	side->platform->ops = side->ops;
	meet(side, "end");
	CHECK_RESULT(xsock_close(listener), 0);
}

static void make_many_nodes(struct side *side)
{
	char path[STORE_PATH_MAX], below[32];

	await_listener(side);
	for (int at = 0; at < NODES; at++) {
		snprintf(below, sizeof below, "/any/%016x", at);
		service_path(side, side->peer, below, path);
		CHECK_RESULT(side->ops->store_write(side->store, path, ""), 0);
	}
	service_path(side, side->peer, "/any/odd", path);
	CHECK_RESULT(side->ops->store_write(side->store, path, ""), 0);
	meet(side, "end");
}

void hostile_nodes(struct side *side)
{
	(side->letter == 'a' ? let_few_nodes_be : make_many_nodes)(side);
}
