/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Several threads on one socket. */
#include "scenarios.h"

#include "call.h"
#include "pair.h"
#include "stream.h"

#include <errno.h>
#include <string.h>

#define EACH ((size_t)300000)

struct share {
	struct xsock *socket;
	char letter;
	size_t seen[2]; /* how many x and y a receiver got */
};

static void *send_letters(void *argument)
{
	const struct share *share = argument;
	size_t left = EACH;
	char block[777];

	memset(block, share->letter, sizeof block);
	while (left > 0) {
		size_t length = left < sizeof block ? left : sizeof block;

		CHECK_RESULT(xsock_send(share->socket, block, length, 0), (long)length);
		left -= length;
	}
	return NULL;
}

static void *receive_letters(void *argument)
{
	struct share *share = argument;
	char block[555];
	ssize_t count;

	while ((count = xsock_recv(share->socket, block, sizeof block, 0)) > 0) {
		for (ssize_t at = 0; at < count; at++) {
			CHECK(block[at] == 'x' || block[at] == 'y');
			share->seen[block[at] == 'y']++;
		}
	}
	CHECK_RESULT(count, 0);
	return NULL;
}

static void *watch(void *argument)
{
	struct share *share = argument;
	short ready = 0;

	while (!(ready & POLLHUP)) {
		struct xsock_info info = info_of(share->socket);

		CHECK(info.bytes_received <= 2 * EACH && info.bytes_sent <= 2 * EACH);
		CHECK(info.bytes_to_receive <= info.recv_ring);
		CHECK(info.bytes_to_send <= info.send_ring);
		ready = ready_now(share->socket, POLLIN | POLLOUT);
		descriptor_shows(share->socket);
	}
	return NULL;
}

/* Two send, two receive, one polls and reads the counters, at each end. */
void threads_together(struct side *side)
{
	struct xsock_options options = { .send_ring = 4096, .recv_ring = 8192 };
	struct xsock *socket;
	struct share shares[5];
	pthread_t threads[5];

	if (side->letter == 'b')
		options = (struct xsock_options){ 0 };
	socket = open_pair(side, &options);
	for (int at = 0; at < 5; at++) {
		static void *(*const work[5])(void *) = { send_letters, send_letters,
							  receive_letters, receive_letters, watch };

		shares[at] = (struct share){ .socket = socket, .letter = at ? 'y' : 'x' };
		CHECK_RESULT(pthread_create(&threads[at], NULL, work[at], &shares[at]), 0);
	}
	for (int at = 0; at < 2; at++)
		CHECK_RESULT(pthread_join(threads[at], NULL), 0);
	CHECK_RESULT(xsock_shutdown(socket, SHUT_WR), 0);
	for (int at = 2; at < 5; at++)
		CHECK_RESULT(pthread_join(threads[at], NULL), 0);
	CHECK_RESULT(shares[2].seen[0] + shares[3].seen[0], EACH);
	CHECK_RESULT(shares[2].seen[1] + shares[3].seen[1], EACH);
	CHECK_RESULT(info_of(socket).bytes_sent, 2 * EACH);
	CHECK_RESULT(info_of(socket).bytes_received, 2 * EACH);
	CHECK_RESULT(xsock_close(socket), 0);
}

/* -- different wishes ------------------------------------------------------------------------- */

static long peek_in_thread(struct call *call)
{
	struct iovec span[2];

	return xsock_recv_peek(call->socket, span, call->length, call->flags);
}

/* In A one thread waits for much, another for a byte: the byte wakes the other one, whichever of
 * them slept first and whatever woke them in vain before. */
static void wait_for_little_and_much(struct side *side, bool much_first, bool polls)
{
	struct xsock *socket = open_pair(side, NULL);
	char byte;
	struct call little = { .socket = socket, .run = call_recv, .buffer = &byte, .length = 1 };
	struct call much = { .socket = socket, .run = peek_in_thread, .length = 1000 };

	if (polls)
		little = (struct call){ .socket = socket, .run = call_poll, .flags = POLLIN };
	if (much_first)
		call_start_asleep(&much);
	if (polls)
		call_start(&little);
	else
		call_start_asleep(&little);
	if (!much_first)
		call_start_asleep(&much);
	CHECK_RESULT(xsock_send(socket, "a", 1, 0), 1);
	CHECK_RESULT(call_end(&little), 1);
	CHECK_RESULT(xsock_send(socket, "b", 1, 0), 1);
	CHECK_RESULT(call_end(&much), polls ? 1010 : 1009);
	CHECK_RESULT(xsock_close(socket), 0);
}

static void send_little_then_much(struct side *side)
{
	struct xsock *socket = open_pair(side, NULL);
	char byte;

	CHECK_RESULT(xsock_recv(socket, &byte, 1, 0), 1);
	stream_send(socket, 1, 0, 10);
	CHECK_RESULT(xsock_recv(socket, &byte, 1, 0), 1);
	stream_send(socket, 1, 10, 1000);
	CHECK_RESULT(xsock_recv(socket, &byte, 1, 0), 0);
	CHECK_RESULT(xsock_close(socket), 0);
}

void threads_of_different_wishes(struct side *side)
{
	for (int at = 0; at < 4; at++) {
		if (side->letter == 'a')
			wait_for_little_and_much(side, at & 1, at & 2);
		else
			send_little_then_much(side);
	}
}
