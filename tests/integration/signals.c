/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A signal ends a wait: with EINTR, or with what was moved until then. */
#include "scenarios.h"

#include "call.h"
#include "pair.h"
#include "stream.h"

#include <errno.h>
#include <signal.h>

#define RING ((size_t)4096)

static atomic_uint caught;

static void note(int number)
{
	(void)number;
	atomic_fetch_add(&caught, 1);
}

static void catch_signals(int flags)
{
	struct sigaction action = { .sa_handler = note, .sa_flags = flags };

	CHECK_RESULT(sigaction(SIGUSR1, &action, NULL), 0);
}

/* Again and again, as one that comes just before the sleep changes nothing. */
static long interrupt(struct call *call)
{
	call_start_asleep(call);
	AWAIT(pthread_kill(call->thread, SIGUSR1) == 0 && call_is_over(call));
	return call_end(call);
}

static void interrupt_empty(struct xsock *socket)
{
	char byte;
	struct call receive = { .socket = socket, .run = call_recv, .buffer = &byte, .length = 1 };
	struct call poll = { .socket = socket, .run = call_poll, .flags = POLLIN };

	FAILS(interrupt(&receive), EINTR, "");
	call_start(&poll);
	AWAIT(pthread_kill(poll.thread, SIGUSR1) == 0 && call_is_over(&poll));
	FAILS(call_end(&poll), EINTR, "");
}

static void interrupt_part(struct side *side, struct xsock *socket)
{
	char block[100];
	struct call receive = { .socket = socket,
				.run = call_recv,
				.buffer = block,
				.length = sizeof block,
				.flags = MSG_WAITALL };

	meet(side, "empty");
	meet(side, "ten");
	CHECK_RESULT(interrupt(&receive), 10);
	CHECK(stream_matches(1, 0, block, 10));
	FAILS(interrupt(&receive), EINTR, "");
}

static void interrupt_send(struct side *side, struct xsock *socket)
{
	char block[2 * RING];
	struct call send = {
		.socket = socket, .run = call_send, .buffer = block, .length = sizeof block
	};

	stream_fill(2, 0, block, sizeof block);
	CHECK_RESULT(interrupt(&send), RING);
	FAILS(interrupt(&send), EINTR, "");
	meet(side, "sent");
	stream_send(socket, 2, RING, 100);
}

/* Of two that wait in one socket, each can be interrupted. */
static void interrupt_each(struct xsock *socket)
{
	char byte;
	struct call first = { .socket = socket, .run = call_recv, .buffer = &byte, .length = 1 };
	struct call second = first;

	call_start_asleep(&first);
	FAILS(interrupt(&second), EINTR, "");
	CHECK(!call_is_over(&first));
	AWAIT(pthread_kill(first.thread, SIGUSR1) == 0 && call_is_over(&first));
	FAILS(call_end(&first), EINTR, "");
}

static void interrupt_all(struct side *side, struct xsock *socket)
{
	catch_signals(0);
	interrupt_empty(socket);
	catch_signals(SA_RESTART);
	interrupt_empty(socket);
	interrupt_part(side, socket);
	interrupt_send(side, socket);
	meet(side, "end");
}

void signals(struct side *side)
{
	struct xsock_options options = { .send_ring = RING, .recv_ring = RING };
	struct xsock_options all = with_platform(side, NULL);
	struct xsock *socket = open_pair(side, &options), *listener;
	struct call accept = { .run = call_accept };

	if (side->letter == 'a') {
		interrupt_all(side, socket);
		listener = xsock_listen("lonely", &all);
		CHECK(listener);
		accept.socket = listener;
		FAILS(interrupt(&accept), EINTR, "");
		CHECK_RESULT(xsock_close(listener), 0);
		CHECK(atomic_load(&caught) > 0);
	} else {
		meet(side, "empty");
		stream_send(socket, 1, 0, 10);
		meet(side, "ten");
		meet(side, "sent");
		stream_receive(socket, 2, 0, RING + 100);
		meet(side, "end");
	}
	CHECK_RESULT(xsock_close(socket), 0);
}

void signals_to_two(struct side *side)
{
	struct xsock *socket = open_pair(side, NULL);

	if (side->letter == 'a') {
		catch_signals(0);
		interrupt_each(socket);
		catch_signals(SA_RESTART);
		interrupt_each(socket);
	}
	meet(side, "end");
	CHECK_RESULT(xsock_close(socket), 0);
}
