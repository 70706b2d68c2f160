/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Connects that do not wait: under way, then done, or failed in each way there is. */
#include "scenarios.h"

#include "pair.h"

#include <errno.h>

static struct xsock *begin_connect(struct side *side, const struct xsock_options *wish)
{
	struct xsock_options options = { 0 };
	struct xsock *socket;

	if (wish)
		options = *wish;
	options.flags = XSOCK_NONBLOCK;
	socket = must_connect(side, &options);
	CHECK_RESULT(xsock_set_events(socket, POLLOUT), 0);
	return socket;
}

/* By the socket's descriptor, as an event loop does it. */
static int finish_by_descriptor(struct xsock *socket)
{
	int result;

	while ((result = xsock_connect_finish(socket)) < 0 && errno == EINPROGRESS)
		await_descriptor(socket);
	return result;
}

static void connect_slowly(struct side *side)
{
	enum xsock_role roles[] = { XSOCK_ROLE_GRANT, XSOCK_ROLE_MAP };

	for (int at = 0; at < 2; at++) {
		struct xsock_options options = { .role = roles[at] };
		struct xsock *socket;
		char byte;

		await_listener(side);
		socket = begin_connect(side, &options);
		FAILS(xsock_connect_finish(socket), EINPROGRESS, "set up");
		FAILS(xsock_send(socket, "x", 1, 0), EAGAIN, "set up");
		FAILS(xsock_recv(socket, &byte, 1, 0), EAGAIN, "set up");
		CHECK_RESULT(ready_now(socket, POLLIN | POLLOUT), 0);
		meet(side, at ? "under-way-1" : "under-way-0");
		if (at == 0)
			CHECK(await_ready(socket, POLLOUT) & POLLOUT);
		CHECK_RESULT(finish_by_descriptor(socket), 0);
		CHECK_RESULT(xsock_connect_finish(socket), 0);
		CHECK_RESULT(xsock_send(socket, "m", 1, 0), 1);
		CHECK(await_ready(socket, POLLIN) & POLLIN);
		CHECK_RESULT(xsock_recv(socket, &byte, 1, 0), 1);
		CHECK_RESULT(xsock_close(socket), 0);
	}
}

static void accept_slowly(struct side *side)
{
	enum xsock_role roles[] = { XSOCK_ROLE_MAP, XSOCK_ROLE_GRANT };

	for (int at = 0; at < 2; at++) {
		struct xsock_options options = { .role = roles[at] };
		struct xsock *listener = open_listener(side, &options), *socket;

		meet(side, at ? "under-way-1" : "under-way-0");
		socket = must_accept(listener);
		meet_over(socket);
		CHECK_RESULT(xsock_close(socket), 0);
		CHECK_RESULT(xsock_close(listener), 0);
	}
}

void connect_without_waiting(struct side *side)
{
	(side->letter == 'a' ? accept_slowly : connect_slowly)(side);
}

/* -- failures --------------------------------------------------------------------------------- */

static void fail_each_way(struct side *side)
{
	struct xsock_options clash = { .direction = XSOCK_DIR_TWO_WAY };
	struct xsock_options hasty = { .connect_timeout = 50 };
	struct xsock_options options = with_platform(side, NULL);
	struct xsock *socket;

	await_listener(side);
	options.flags = XSOCK_NONBLOCK;
	FAILS_TO_OPEN(xsock_connect(address_of_peer(side, "nobody-here"), &options), ECONNREFUSED,
		      "nobody");
	socket = begin_connect(side, &hasty);
	FAILS(finish_by_descriptor(socket), ETIMEDOUT, "50 ms");
	FAILS(xsock_connect_finish(socket), ETIMEDOUT, "50 ms");
	CHECK(ready_now(socket, POLLOUT) & POLLERR);
	CHECK_RESULT(xsock_close(socket), 0);
	socket = begin_connect(side, &clash);
	meet(side, "clashing");
	FAILS(finish_by_descriptor(socket), EOPNOTSUPP, "");
	CHECK_RESULT(xsock_close(socket), 0);
	meet(side, "clashed");
	socket = begin_connect(side, NULL);
	meet(side, "refused");
	FAILS(finish_by_descriptor(socket), ECONNREFUSED, "went away");
	CHECK_RESULT(xsock_close(socket), 0);
	/* Given up half-way. */
	await_listener(side);
	socket = begin_connect(side, NULL);
	CHECK_RESULT(xsock_close(socket), 0);
	meet(side, "given-up");
	socket = must_connect(side, NULL);
	CHECK_RESULT(xsock_send(socket, "kept", 4, 0), 4);
	CHECK_RESULT(xsock_close(socket), 0);
}

static void refuse_each_way(struct side *side)
{
	struct xsock_options one_way = { .direction = XSOCK_DIR_RECV };
	struct xsock *listener = open_listener(side, &one_way), *socket;
	char word[5] = "";

	meet(side, "clashing");
	FAILS_TO_OPEN(xsock_accept(listener, WAIT_LIMIT), EOPNOTSUPP, "one");
	meet(side, "clashed");
	meet(side, "refused");
	CHECK_RESULT(xsock_close(listener), 0);
	listener = open_listener(side, &one_way);
	meet(side, "given-up");
	/* One that was given up may look like a connection that ended at once. */
	do {
		socket = xsock_accept(listener, WAIT_LIMIT);
		if (!socket)
			CHECK_RESULT(errno, ECONNABORTED);
		else if (xsock_recv(socket, word, 4, MSG_WAITALL) < 0)
			CHECK_RESULT(errno, ECONNRESET);
		CHECK_RESULT(xsock_close(socket), 0);
	} while (word[0] != 'k');
	CHECK_RESULT(xsock_close(listener), 0);
}

void connect_failures(struct side *side)
{
	(side->letter == 'a' ? refuse_each_way : fail_each_way)(side);
}
