/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A peer that writes into an open connection's pages what cannot be: every call says so at once,
 * and goes on saying so; what is no more than odd changes nothing. */
#include "scenarios.h"

#include "api/socket.h"
#include "base/shared.h"
#include "pair.h"

#include <errno.h>
#include <stdio.h>

#define FAR ((uint64_t)1 << 40)
#define RING ((size_t)4096)

static void write_too_much(struct xsock *socket)
{
	shared_store64(&socket->connection->out.shared->produced.index, FAR);
}

static void read_too_much(struct xsock *socket)
{
	shared_store64(&socket->connection->in.shared->consumed.index, FAR);
}

static void settle_on_nothing(struct xsock *socket)
{
	shared_store32(&socket->connection->pages.control->header.settled, 7);
}

static void expect_broken(struct xsock *socket)
{
	struct iovec span[2];
	char byte;

	FAILS(xsock_recv(socket, &byte, 1, 0), EPROTO, "");
	FAILS(xsock_recv(socket, &byte, 1, MSG_PEEK), EPROTO, "");
	FAILS(xsock_recv_peek(socket, span, 1, 0), EPROTO, "");
	FAILS(xsock_send(socket, "x", 1, 0), EPROTO, "");
	FAILS(xsock_send_reserve(socket, span, 1, 0), EPROTO, "");
	FAILS(xsock_send_withdraw(socket, &byte, 1), EPROTO, "");
	CHECK_RESULT(xsock_recv_ready(socket), 1);
	CHECK(ready_now(socket, 0) & POLLERR);
}

static void find_too_much(struct xsock *socket)
{
	char byte;

	FAILS(xsock_recv(socket, &byte, 1, 0), EPROTO, "");
}

static void find_too_much_read(struct xsock *socket)
{
	static const char block[2 * RING];

	CHECK_RESULT(xsock_send(socket, block, sizeof block, 0), (long)RING);
}

static void find_nothing_settled(struct xsock *socket)
{
	FAILS(xsock_send(socket, "x", 1, 0), EPROTO, "none");
}

static void one_lie(struct side *side, const struct xsock_options *options, ssize_t before,
		    void (*lie)(struct xsock *), void (*find)(struct xsock *), const char *word)
{
	struct xsock *socket = open_pair(side, options);
	char told[40];

	snprintf(told, sizeof told, "told-%s", word);
	if (side->letter == 'b') {
		if (before > 0)
			CHECK_RESULT(xsock_send(socket, "0123456789", (size_t)before, 0), before);
		lie(socket);
		connection_notify(socket->connection);
	}
	meet(side, told);
	if (side->letter == 'a') {
		find(socket);
		expect_broken(socket);
	}
	meet(side, word);
	CHECK_RESULT(xsock_close(socket), 0);
}

/* Who ended a direction is one of two, or nobody. */
static void odd_cut(struct side *side)
{
	struct xsock *socket = open_pair(side, NULL);

	if (side->letter == 'b')
		for (int way = 0; way < 2; way++)
			shared_store32(&socket->connection->pages.control->header.cut[way], 7);
	meet(side, "cut");
	meet_over(socket);
	CHECK_RESULT(info_of(socket).send_cut, XSOCK_CUT_NONE);
	CHECK_RESULT(info_of(socket).recv_cut, XSOCK_CUT_NONE);
	CHECK_RESULT(xsock_close(socket), 0);
}

void lies(struct side *side)
{
	struct xsock_options fixed = { .send_ring = RING, .recv_ring = RING };
	struct xsock_options open = { .direction = XSOCK_DIR_ONE_WAY };

	one_lie(side, &fixed, 0, write_too_much, find_too_much, "written");
	one_lie(side, NULL, 0, write_too_much, find_too_much, "written-growing");
	one_lie(side, &fixed, 10, write_too_much, find_too_much, "written-after");
	one_lie(side, &fixed, 0, read_too_much, find_too_much_read, "read");
	one_lie(side, &open, 0, settle_on_nothing, find_nothing_settled, "settled");
	odd_cut(side);
}
