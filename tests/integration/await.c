/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* XSOCK_AWAIT: B connects to a name of A's domain that nobody listens to yet. */
#include "scenarios.h"

#include "call.h"
#include "pair.h"
#include "process.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define NOBODY 31999 /* no domain has this number */

/* On the local platform a domain is there while one of its processes uses the library. */
static struct xsock *be_present(struct side *side)
{
	struct xsock_options options = with_platform(side, NULL);
	struct xsock *listener = xsock_listen("presence", &options);

	CHECK(listener);
	return listener;
}

static struct xsock *begin_waiting(struct side *side, enum xsock_role role)
{
	struct xsock_options options = { .role = role, .connect_timeout = WAIT_LIMIT };
	struct xsock *socket;

	options.flags = XSOCK_NONBLOCK | XSOCK_AWAIT;
	socket = must_connect(side, &options);
	CHECK_RESULT(xsock_set_events(socket, POLLOUT), 0);
	FAILS(xsock_connect_finish(socket), EINPROGRESS, "set up");
	return socket;
}

/* As an event loop does it. */
static int finish(struct xsock *socket)
{
	int result;

	while ((result = xsock_connect_finish(socket)) < 0 && errno == EINPROGRESS)
		await_descriptor(socket);
	return result;
}

/* -- it comes --------------------------------------------------------------------------------- */

#define WAITING 4

static void wait_and_meet(struct side *side, enum xsock_role role, const char *word,
			  const char *closed)
{
	struct xsock *sockets[WAITING];
	struct xsock_info info;

	for (int at = 0; at < WAITING; at++)
		sockets[at] = begin_waiting(side, role);
	info = info_of(sockets[0]);
	CHECK_RESULT(info.role, XSOCK_ROLE_AUTO);
	CHECK_RESULT(info.peer_domain, side->peer);
	CHECK_RESULT(ready_now(sockets[0], POLLIN | POLLOUT | POLLERR), 0);
	FAILS(xsock_send(sockets[0], "x", 1, 0), EAGAIN, "set up");
	FAILS(xsock_send_withdraw(sockets[0], NULL, 0), EAGAIN, "set up");
	FAILS(xsock_shutdown(sockets[0], SHUT_RD), ENOTCONN, "");
	/* Given up before there was anybody. */
	CHECK_RESULT(xsock_close(begin_waiting(side, role)), 0);
	meet(side, word);
	CHECK(await_ready(sockets[0], POLLOUT) & POLLOUT);
	for (int at = 0; at < WAITING; at++)
		CHECK_RESULT(finish(sockets[at]), 0);
	for (int at = 0; at < WAITING; at++) {
		/* It does not wait by itself. */
		CHECK(await_ready(sockets[at], POLLIN) & POLLIN);
		meet_over(sockets[at]);
		CHECK_RESULT(info_of(sockets[at]).role, role);
		CHECK_RESULT(xsock_close(sockets[at]), 0);
	}
	await_listener(side);
	meet(side, closed);
}

static void come_and_meet(struct side *side, enum xsock_role role, const unsigned *allow,
			  const char *word, const char *closed)
{
	struct xsock_options options = { .role = role, .allow = allow, .allow_count = 1 };
	struct xsock *listener, *sockets[WAITING];

	if (!allow)
		options.allow_count = 0;
	meet(side, word);
	listener = open_listener(side, &options);
	for (int at = 0; at < WAITING; at++)
		sockets[at] = must_accept(listener);
	/* In whatever order they came: each tells by its first byte that it is there. */
	for (int at = 0; at < WAITING; at++)
		CHECK_RESULT(xsock_send(sockets[at], "m", 1, 0), 1);
	for (int at = 0; at < WAITING; at++) {
		char byte;

		CHECK_RESULT(xsock_recv(sockets[at], &byte, 1, 0), 1);
		CHECK_RESULT(xsock_close(sockets[at]), 0);
	}
	CHECK_RESULT(xsock_close(listener), 0);
	/* The next round begins with nobody there. */
	meet(side, closed);
}

void await_a_listener(struct side *side)
{
	struct xsock *presence = be_present(side);

	meet(side, "present");
	if (side->letter == 'a') {
		come_and_meet(side, XSOCK_ROLE_MAP, NULL, "one", "one-closed");
		come_and_meet(side, XSOCK_ROLE_GRANT, NULL, "two", "two-closed");
		come_and_meet(side, XSOCK_ROLE_MAP, &side->peer, "three", "three-closed");
	} else {
		wait_and_meet(side, XSOCK_ROLE_GRANT, "one", "one-closed");
		wait_and_meet(side, XSOCK_ROLE_MAP, "two", "two-closed");
		wait_and_meet(side, XSOCK_ROLE_GRANT, "three", "three-closed");
	}
	CHECK_RESULT(xsock_close(presence), 0);
}

/* -- in a call that blocks -------------------------------------------------------------------- */

struct target {
	char address[80];
	struct xsock_options options;
};

static long connect_to(struct call *call)
{
	const struct target *target = call->buffer;

	call->socket = xsock_connect(target->address, &target->options);
	return call->socket ? 0 : -1;
}

void await_in_a_call(struct side *side)
{
	struct xsock *presence = be_present(side), *socket;
	struct xsock_options wish = { .flags = XSOCK_AWAIT, .connect_timeout = -1 };
	struct target target = { .options = with_platform(side, &wish) };
	struct call call = { .run = connect_to, .buffer = &target };

	meet(side, "present");
	if (side->letter == 'b') {
		snprintf(target.address, sizeof target.address, "%s",
			 address_of_peer(side, side->scenario));
		call_start(&call);
		meet(side, "begun");
		CHECK_RESULT(call_end(&call), 0);
		socket = call.socket;
		await_listener(side);
	} else {
		struct xsock *listener;

		meet(side, "begun");
		listener = open_listener(side, NULL);
		socket = must_accept(listener);
		CHECK_RESULT(xsock_close(listener), 0);
	}
	meet_over(socket);
	CHECK_RESULT(xsock_close(socket), 0);
	CHECK_RESULT(xsock_close(presence), 0);
}

/* -- it does not come ------------------------------------------------------------------------- */

static void give_up_in_time(struct side *side)
{
	struct xsock_options options = { .flags = XSOCK_AWAIT, .connect_timeout = 50 };
	struct xsock_options all = with_platform(side, &options);
	struct xsock *socket;
	char address[24];

	FAILS_TO_OPEN(try_connect(side, &options), ETIMEDOUT, "nobody listened");
	options.flags = XSOCK_NONBLOCK | XSOCK_AWAIT;
	socket = must_connect(side, &options);
	CHECK_RESULT(xsock_set_events(socket, POLLOUT), 0);
	FAILS(finish(socket), ETIMEDOUT, "nobody listened");
	CHECK(ready_now(socket, POLLOUT) & POLLERR);
	CHECK_RESULT(xsock_close(socket), 0);
	/* Without the flag as ever; with it, too, where there is no domain. */
	options.flags = 0;
	FAILS_TO_OPEN(try_connect(side, &options), ECONNREFUSED, "nobody listens");
	snprintf(address, sizeof address, "%u/x", NOBODY);
	FAILS_TO_OPEN(xsock_connect(address, &all), EHOSTUNREACH, "no domain");
}

static void close_in_child(struct side *side, void *argument)
{
	(void)side;
	FAILS(xsock_connect_finish(argument), EBADF, "fork");
	CHECK_RESULT(xsock_close(argument), 0);
}

void await_nobody(struct side *side)
{
	struct xsock *presence = be_present(side), *socket;

	meet(side, "present");
	if (side->letter == 'b') {
		give_up_in_time(side);
		socket = begin_waiting(side, XSOCK_ROLE_AUTO);
		process_end(process_start(side, close_in_child, socket));
		FAILS(xsock_connect_finish(socket), EINPROGRESS, "set up");
		meet(side, "waiting");
		CHECK_RESULT(xsock_close(presence), 0);
		meet(side, "gone");
		/* A domain of real Xen is still there. */
		if (!strcmp(side->ops->name, "local"))
			FAILS(finish(socket), ECONNRESET, "destroyed");
		CHECK_RESULT(xsock_close(socket), 0);
	} else {
		meet(side, "waiting");
		CHECK_RESULT(xsock_close(presence), 0);
		meet(side, "gone");
	}
}

/* -- by hand ---------------------------------------------------------------------------------- */

static void service_path(const struct side *side, char path[STORE_PATH_MAX])
{
	snprintf(path, STORE_PATH_MAX, "/local/domain/%u/data/xsock/service/%s", side->self,
		 side->scenario);
}

/* In the steps in which a listener makes its node: nobody may read it, then all may, then it says
 * something; the last thing said is nonsense. */
static void announce_slowly(struct side *side)
{
	struct store_permissions readable = { .owner = side->self, .others = ACCESS_READ };
	char path[STORE_PATH_MAX];

	service_path(side, path);
	meet(side, "waiting");
	CHECK_RESULT(side->ops->store_write(side->store, path, ""), 0);
	meet(side, "made");
	CHECK_RESULT(side->ops->store_set_permissions(side->store, path, &readable), 0);
	meet(side, "readable");
	CHECK_RESULT(side->ops->store_remove(side->store, path), 0);
	meet(side, "removed");
	meet(side, "looked");
	CHECK_RESULT(side->ops->store_write(side->store, path, ""), 0);
	CHECK_RESULT(side->ops->store_set_permissions(side->store, path, &readable), 0);
	CHECK_RESULT(side->ops->store_write(side->store, path, "what is this"), 0);
	meet(side, "over");
	CHECK_RESULT(side->ops->store_remove(side->store, path), 0);
}

static void wait_through_it(struct side *side)
{
	static const char *const steps[] = { "waiting", "made", "readable", "removed" };
	struct xsock *socket = begin_waiting(side, XSOCK_ROLE_AUTO);

	for (size_t at = 0; at < sizeof steps / sizeof steps[0]; at++) {
		meet(side, steps[at]);
		FAILS(xsock_connect_finish(socket), EINPROGRESS, "set up");
	}
	meet(side, "looked");
	FAILS(finish(socket), EPROTO, "no form");
	meet(side, "over");
	CHECK_RESULT(xsock_close(socket), 0);
}

void await_step_by_step(struct side *side)
{
	struct xsock *presence = be_present(side);

	meet(side, "present");
	(side->letter == 'a' ? announce_slowly : wait_through_it)(side);
	CHECK_RESULT(xsock_close(presence), 0);
}
