/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A forked child cannot use what it inherits, hides nothing, and can have sockets of its own. */
#include "scenarios.h"

#include "call.h"
#include "pair.h"
#include "process.h"
#include "stream.h"

#include <errno.h>
#include <unistd.h>

static void expect_no_use(struct xsock *socket)
{
	struct xsock_pollfd entry = { .socket = socket, .events = POLLIN };
	struct xsock_info info;
	struct iovec span[2];
	char byte;

	FAILS(xsock_send(socket, "x", 1, 0), EBADF, "fork");
	FAILS(xsock_sendv(socket, NULL, 0, 0), EBADF, "fork");
	FAILS(xsock_recv(socket, &byte, 1, 0), EBADF, "fork");
	FAILS(xsock_recvv(socket, NULL, 0, 0), EBADF, "fork");
	FAILS(xsock_send_reserve(socket, span, 1, 0), EBADF, "fork");
	FAILS(xsock_send_commit(socket, 0), EBADF, "fork");
	FAILS(xsock_recv_peek(socket, span, 1, 0), EBADF, "fork");
	FAILS(xsock_recv_consume(socket, 0), EBADF, "fork");
	FAILS(xsock_recv_ready(socket), EBADF, "fork");
	FAILS(xsock_shutdown(socket, SHUT_RDWR), EBADF, "fork");
	FAILS(xsock_set_timeouts(socket, 0, 0), EBADF, "fork");
	FAILS(xsock_connect_finish(socket), EBADF, "fork");
	FAILS(xsock_set_events(socket, POLLIN), EBADF, "fork");
	FAILS(xsock_get_info(socket, &info, sizeof info), EBADF, "fork");
	FAILS(xsock_fd(socket), EBADF, "fork");
	FAILS(xsock_poll(&entry, 1, 0), EBADF, "fork");
	FAILS_TO_OPEN(xsock_accept(socket, 0), EBADF, "fork");
}

/* -- the child's calls, and sockets of its own ------------------------------------------------ */

struct inheritance {
	struct xsock *socket, *listener;
};

static void use_in_child(struct side *side, void *argument)
{
	const struct inheritance *inherited = argument;
	struct xsock_options options = with_platform(side, NULL);
	struct xsock *listener, *socket;

	expect_no_use(inherited->socket);
	expect_no_use(inherited->listener);
	CHECK_RESULT(xsock_close(inherited->socket), 0);
	CHECK_RESULT(xsock_close(inherited->listener), 0);
	listener = xsock_listen("child", &options);
	CHECK(listener);
	socket = must_accept(listener);
	meet_over(socket);
	CHECK_RESULT(xsock_close(socket), 0);
	CHECK_RESULT(xsock_close(listener), 0);
}

static struct xsock *connect_to_child(struct side *side)
{
	struct xsock_options options = with_platform(side, NULL);
	struct xsock *socket = NULL;

	/* It tells nobody when it listens. */
	AWAIT((socket = xsock_connect(address_of_peer(side, "child"), &options)) ||
	      errno != ECONNREFUSED);
	CHECK(socket);
	return socket;
}

void fork_with_sockets(struct side *side)
{
	struct xsock_options options = with_platform(side, NULL);
	struct inheritance inherited = { .socket = open_pair(side, NULL) };
	struct xsock *socket;
	pid_t child;

	meet_over(inherited.socket);
	if (side->letter == 'a') {
		inherited.listener = xsock_listen("parent", &options);
		CHECK(inherited.listener);
		xsock_fd(inherited.socket);
		child = process_start(side, use_in_child, &inherited);
		stream_send(inherited.socket, 1, 0, 300000);
		meet_over(inherited.socket);
		process_end(child);
		/* The peer noticed nothing. */
		meet_over(inherited.socket);
		CHECK_RESULT(xsock_close(inherited.listener), 0);
	} else {
		socket = connect_to_child(side);
		meet_over(socket);
		stream_receive(inherited.socket, 1, 0, 300000);
		meet_over(inherited.socket);
		CHECK_RESULT(xsock_close(socket), 0);
		meet_over(inherited.socket);
		CHECK_RESULT(ready_now(inherited.socket, POLLIN) & POLLERR, 0);
	}
	CHECK_RESULT(xsock_close(inherited.socket), 0);
}

/* -- while others wait ------------------------------------------------------------------------ */

static void close_in_child(struct side *side, void *argument)
{
	(void)side;
	CHECK_RESULT(xsock_close(argument), 0);
}

void fork_while_waiting(struct side *side)
{
	struct xsock *socket = open_pair(side, NULL);
	char bytes[3];

	if (side->letter == 'a') {
		struct call calls[3];

		for (int at = 0; at < 3; at++) {
			calls[at] = (struct call){ .socket = socket,
						   .run = call_recv,
						   .buffer = &bytes[at],
						   .length = 1 };
			call_start_asleep(&calls[at]);
		}
		process_end(process_start(side, close_in_child, socket));
		meet(side, "forked");
		for (int at = 0; at < 3; at++)
			CHECK_RESULT(call_end(&calls[at]), 1);
	} else {
		meet(side, "forked");
		CHECK_RESULT(xsock_send(socket, "abc", 3, 0), 3);
		CHECK_RESULT(xsock_recv(socket, bytes, 1, 0), 0);
	}
	CHECK_RESULT(xsock_close(socket), 0);
}

/* -- names ------------------------------------------------------------------------------------ */

static void sleep_in_child(struct side *side, void *argument)
{
	(void)side;
	(void)argument;
	process_sleep();
}

static void listen_and_fork(struct side *side, void *argument)
{
	struct xsock_options options = with_platform(side, NULL);

	CHECK(xsock_listen("forked", &options));
	if (fork() == 0)
		CHECK_RESULT(write(*(int *)argument, "r", 1), 1);
	process_sleep();
}

/* A child that lives on keeps neither a closed nor a dead listener's name. */
void fork_keeps_no_name(struct side *side)
{
	struct xsock_options options = with_platform(side, NULL);
	struct xsock *listener = xsock_listen("forked", &options);
	pid_t child = process_start(side, sleep_in_child, NULL);
	int pipes[2];
	char byte;

	CHECK(listener);
	CHECK_RESULT(xsock_close(listener), 0);
	listener = xsock_listen("forked", &options);
	CHECK_RESULT(listener ? 0 : -1, 0);
	CHECK_RESULT(xsock_close(listener), 0);
	process_kill(child);
	CHECK_RESULT(pipe(pipes), 0);
	child = process_start(side, listen_and_fork, &pipes[1]);
	CHECK_RESULT(read(pipes[0], &byte, 1), 1);
	FAILS_TO_OPEN(xsock_listen("forked", &options), EADDRINUSE, "forked");
	process_kill(child);
	listener = xsock_listen("forked", &options);
	CHECK_RESULT(listener ? 0 : -1, 0);
	CHECK_RESULT(xsock_close(listener), 0);
	process_kill_rest(child);
	close(pipes[0]);
	close(pipes[1]);
	clear_away(side);
}
