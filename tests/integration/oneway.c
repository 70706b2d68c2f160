/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One-way connections: agreed on beforehand, or settled by the first send or receive. */
#include "scenarios.h"

#include "call.h"
#include "pair.h"
#include "stream.h"
#include "support/leaks.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static enum xsock_direction mirrored(enum xsock_direction direction)
{
	if (direction == XSOCK_DIR_SEND)
		return XSOCK_DIR_RECV;
	return direction == XSOCK_DIR_RECV ? XSOCK_DIR_SEND : direction;
}

static size_t shared_bytes(void)
{
	struct leaks held;
	size_t bytes;

	leaks_take(&held);
	bytes = leaks_mapped(&held);
	leaks_free(&held);
	return bytes;
}

static void check_misuse(struct xsock *socket, bool sends)
{
	struct iovec span[2];
	char byte = 0;

	if (sends) {
		FAILS(xsock_recv(socket, &byte, 1, 0), EOPNOTSUPP, "only sends");
		FAILS(xsock_recv_peek(socket, span, 1, 0), EOPNOTSUPP, "only sends");
		FAILS(xsock_recv_consume(socket, 0), EOPNOTSUPP, "only sends");
	} else {
		FAILS(xsock_send(socket, &byte, 1, 0), EOPNOTSUPP, "only receives");
		FAILS(xsock_send_reserve(socket, span, 1, 0), EOPNOTSUPP, "only receives");
		FAILS(xsock_send_commit(socket, 0), EOPNOTSUPP, "only receives");
	}
}

static void use(struct xsock *socket, bool sends)
{
	struct xsock_info info = info_of(socket);

	CHECK_RESULT(info.direction, sends ? XSOCK_DIR_SEND : XSOCK_DIR_RECV);
	CHECK_RESULT(info.send_ring, sends ? 8192 : 0);
	CHECK_RESULT(info.recv_ring, sends ? 0 : 8192);
	check_misuse(socket, sends);
	if (sends) {
		stream_send(socket, 5, 0, 50000);
		CHECK_RESULT(xsock_shutdown(socket, SHUT_WR), 0);
		/* The reader's close ends the only direction. */
		CHECK(await_ready(socket, 0) & POLLHUP);
	} else {
		CHECK_RESULT(stream_receive_all(socket, 5), 50000);
	}
}

static struct xsock_options options_of(enum xsock_direction direction)
{
	return (struct xsock_options){ .direction = direction,
				       .send_ring = 8192,
				       .recv_ring = 8192 };
}

/* -- agreed on beforehand --------------------------------------------------------------------- */

static const enum xsock_direction wishes[] = { XSOCK_DIR_AUTO, XSOCK_DIR_TWO_WAY, XSOCK_DIR_ONE_WAY,
					       XSOCK_DIR_SEND, XSOCK_DIR_RECV };
#define WISHES 5

/* As A sees it; -1 for a clash. */
static const int agreed[WISHES][WISHES] = {
	/* A's: */ /* B's: AUTO, TWO_WAY, ONE_WAY, SEND, RECV */
	[XSOCK_DIR_AUTO] = { 1, 1, 2, 4, 3 },
	[XSOCK_DIR_TWO_WAY] = { 1, 1, -1, -1, -1 },
	[XSOCK_DIR_ONE_WAY] = { 2, -1, 2, 4, 3 },
	[XSOCK_DIR_SEND] = { 3, -1, 3, -1, 3 },
	[XSOCK_DIR_RECV] = { 4, -1, 4, 4, -1 },
};

static void agree(struct side *side, struct xsock *listener, int a, int b)
{
	bool is_a = side->letter == 'a';
	struct xsock_options options = options_of(wishes[b]);
	enum xsock_direction direction = (enum xsock_direction)agreed[a][b];
	struct xsock *socket;
	char word[16];

	if (agreed[a][b] < 0) {
		if (is_a)
			FAILS_TO_OPEN(xsock_accept(listener, WAIT_LIMIT), EOPNOTSUPP, "one");
		else
			FAILS_TO_OPEN(try_connect(side, &options), EOPNOTSUPP, "");
		return;
	}
	socket = is_a ? must_accept(listener) : must_connect(side, &options);
	if (!is_a)
		direction = mirrored(direction);
	CHECK_RESULT(info_of(socket).direction, direction);
	/* Both are connected before any byte goes either way. */
	snprintf(word, sizeof word, "open-%d-%d", a, b);
	meet(side, word);
	if (direction == XSOCK_DIR_TWO_WAY)
		meet_over(socket);
	else if (direction != XSOCK_DIR_ONE_WAY)
		use(socket, direction == XSOCK_DIR_SEND);
	CHECK_RESULT(xsock_close(socket), 0);
}

void one_way_wishes(struct side *side)
{
	for (int a = 0; a < WISHES; a++) {
		struct xsock_options options = options_of(wishes[a]);
		struct xsock *listener = NULL;

		if (side->letter == 'a')
			listener = open_listener(side, &options);
		else
			await_listener(side);
		for (int b = 0; b < WISHES; b++)
			agree(side, listener, a, b);
		CHECK_RESULT(xsock_close(listener), 0);
	}
}

void one_way_memory(struct side *side)
{
	struct xsock_options both = options_of(XSOCK_DIR_TWO_WAY),
			     one = options_of(XSOCK_DIR_ONE_WAY);
	size_t before = shared_bytes(), two_way;
	struct xsock *socket = open_pair(side, &both);

	two_way = shared_bytes() - before;
	meet_over(socket);
	CHECK_RESULT(xsock_close(socket), 0);
	socket = open_pair(side, &one);
	CHECK_RESULT(two_way - (shared_bytes() - before), (long)both.send_ring);
	meet(side, "counted");
	CHECK_RESULT(xsock_close(socket), 0);
}

/* -- settled by the first call ---------------------------------------------------------------- */

static void settle(struct side *side, char first, bool sends, const char *word)
{
	bool is_first = side->letter == first;
	struct xsock_options options = options_of(XSOCK_DIR_ONE_WAY);
	struct xsock *socket = open_pair(side, &options);
	char byte = 's', open[32];

	CHECK_RESULT(info_of(socket).direction, XSOCK_DIR_ONE_WAY);
	snprintf(open, sizeof open, "before-%s", word);
	meet(side, open);
	if (is_first && sends)
		CHECK_RESULT(xsock_send(socket, &byte, 1, 0), 1);
	else if (is_first)
		FAILS(xsock_recv(socket, &byte, 1, MSG_DONTWAIT), EAGAIN, "");
	meet(side, word);
	check_misuse(socket, is_first == sends);
	if (is_first != sends && sends)
		CHECK_RESULT(xsock_recv(socket, &byte, 1, 0), 1);
	use(socket, is_first == sends);
	CHECK_RESULT(xsock_close(socket), 0);
}

/* Who polls, or waits for bytes, learns of the settlement. */
static void settle_while_waiting(struct side *side)
{
	struct xsock_options options = options_of(XSOCK_DIR_ONE_WAY);
	struct xsock *socket = open_pair(side, &options);
	char byte = 0, value[8];

	if (side->letter == 'a') {
		struct call call = {
			.socket = socket, .run = call_recv, .buffer = &byte, .length = 1
		};

		call_start_asleep(&call);
		say(side, "asleep", "%s", "yes");
		CHECK_RESULT(call_end(&call), 1);
		CHECK(byte == 'w');
	} else {
		hear(side, "asleep", value, sizeof value);
		FAILS(xsock_recv(socket, &byte, 1, 0), EOPNOTSUPP, "only sends");
		CHECK_RESULT(xsock_send(socket, "w", 1, 0), 1);
	}
	CHECK_RESULT(xsock_close(socket), 0);
}

void one_way_settled(struct side *side)
{
	settle(side, 'a', true, "a-sent");
	settle(side, 'a', false, "a-received");
	settle(side, 'b', true, "b-sent");
	settle(side, 'b', false, "b-received");
	settle_while_waiting(side);
}

/* Both ends send, or receive, at the same moment: exactly one of them gets its way. */
static void race(struct xsock *control, struct xsock *socket, bool send)
{
	char byte = 'r', mine, theirs;
	ssize_t count;

	meet_over(control);
	count = send ? xsock_send(socket, &byte, 1, 0) : xsock_recv(socket, &byte, 1, MSG_DONTWAIT);
	mine = count == 1 || (!send && errno == EAGAIN);
	if (!mine)
		CHECK_RESULT(errno, EOPNOTSUPP);
	CHECK_RESULT(xsock_send(control, &mine, 1, 0), 1);
	CHECK_RESULT(xsock_recv(control, &theirs, 1, 0), 1);
	CHECK_RESULT(mine + theirs, 1);
	check_misuse(socket, send == mine);
	if (send && !mine)
		CHECK_RESULT(xsock_recv(socket, &byte, 1, 0), 1);
	CHECK_RESULT(info_of(socket).direction, send == mine ? XSOCK_DIR_SEND : XSOCK_DIR_RECV);
}

void one_way_race(struct side *side)
{
	unsigned count = side->brief ? 40 : 200;
	struct xsock *control = open_pair(side, NULL), *listener = NULL;
	struct xsock_options options = options_of(XSOCK_DIR_ONE_WAY);

	if (side->letter == 'a')
		listener = open_listener(side, &options);
	else
		await_listener(side);
	for (unsigned number = 0; number < count; number++) {
		struct xsock *socket =
			listener ? must_accept(listener) : must_connect(side, &options);

		race(control, socket, number % 4 != 3);
		CHECK_RESULT(xsock_close(socket), 0);
	}
	CHECK_RESULT(xsock_close(listener), 0);
	CHECK_RESULT(xsock_close(control), 0);
}
