/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What each flag of a send or receive does; A receives, B sends. */
#include "scenarios.h"

#include "call.h"
#include "pair.h"
#include "stream.h"

#include <errno.h>
#include <stdio.h>

#define RING ((size_t)4096)

static const struct xsock_options small = { .send_ring = RING, .recv_ring = RING };

/* -- not waiting ------------------------------------------------------------------------------ */

static void flags_dontwait_a(struct side *side, struct xsock *socket)
{
	char block[2 * RING], again[100];

	FAILS(xsock_recv(socket, block, 1, MSG_DONTWAIT), EAGAIN, "");
	meet(side, "empty");
	meet(side, "full");
	CHECK_RESULT(info_of(socket).bytes_to_receive, RING);
	for (int count = 0; count < 2; count++) {
		CHECK_RESULT(xsock_recv(socket, again, 100, MSG_PEEK), 100);
		CHECK(stream_matches(1, 0, again, 100));
	}
	CHECK_RESULT(xsock_recv(socket, block, sizeof block, MSG_PEEK | MSG_DONTWAIT), RING);
	CHECK_RESULT(xsock_recv(socket, block, 1000, MSG_DONTWAIT), 1000);
	CHECK_RESULT(xsock_recv(socket, block + 1000, sizeof block - 1000, MSG_DONTWAIT),
		     RING - 1000);
	CHECK(stream_matches(1, 0, block, RING));
	FAILS(xsock_recv(socket, block, 1, MSG_DONTWAIT), EAGAIN, "");
	FAILS(xsock_recv(socket, block, 1, MSG_DONTWAIT | MSG_PEEK), EAGAIN, "");
	FAILS(xsock_recv(socket, block, 1, MSG_DONTWAIT | MSG_WAITALL), EAGAIN, "");
	meet(side, "drained");
	meet(side, "few");
	CHECK_RESULT(xsock_recv(socket, block, 50, MSG_DONTWAIT | MSG_WAITALL), 10);
}

static void flags_dontwait_b(struct side *side, struct xsock *socket)
{
	char block[2 * RING];

	meet(side, "empty");
	stream_fill(1, 0, block, sizeof block);
	CHECK_RESULT(xsock_send(socket, block, 1000, MSG_DONTWAIT | MSG_NOSIGNAL), 1000);
	CHECK_RESULT(xsock_send(socket, block + 1000, sizeof block - 1000, MSG_DONTWAIT),
		     RING - 1000);
	FAILS(xsock_send(socket, block, 1, MSG_DONTWAIT), EAGAIN, "space");
	meet(side, "full");
	meet(side, "drained");
	CHECK_RESULT(xsock_send(socket, block, 10, MSG_DONTWAIT), 10);
	meet(side, "few");
}

void flags_dontwait(struct side *side)
{
	struct xsock *socket = open_pair(side, &small);

	(side->letter == 'a' ? flags_dontwait_a : flags_dontwait_b)(side, socket);
	meet(side, "end");
	CHECK_RESULT(xsock_close(socket), 0);
}

/* -- waiting for all -------------------------------------------------------------------------- */

static void wait_for_all(struct side *side, struct xsock *socket)
{
	char block[3 * RING];
	struct call call = { .socket = socket,
			     .run = call_recv,
			     .buffer = block,
			     .length = 3000,
			     .flags = MSG_WAITALL };

	call_start_asleep(&call);
	meet(side, "asleep");
	meet(side, "two-thirds");
	CHECK(!call_is_over(&call));
	meet(side, "still-asleep");
	CHECK_RESULT(call_end(&call), 3000);
	CHECK(stream_matches(2, 0, block, 3000));
	CHECK_RESULT(xsock_recv(socket, block, sizeof block, MSG_WAITALL), sizeof block);
	CHECK(stream_matches(2, 3000, block, sizeof block));
	meet(side, "long");
	CHECK_RESULT(xsock_recv(socket, block, sizeof block, MSG_WAITALL | MSG_PEEK), RING);
	CHECK_RESULT(xsock_recv(socket, block, sizeof block, MSG_WAITALL), RING + 500);
	CHECK_RESULT(xsock_recv(socket, block, sizeof block, MSG_WAITALL), 0);
	CHECK_RESULT(xsock_recv(socket, block, 1, MSG_WAITALL | MSG_PEEK), 0);
}

static void send_in_parts(struct side *side, struct xsock *socket)
{
	meet(side, "asleep");
	stream_send(socket, 2, 0, 1000);
	stream_send(socket, 2, 1000, 1000);
	AWAIT(info_of(socket).bytes_to_send == RING);
	meet(side, "two-thirds");
	meet(side, "still-asleep");
	stream_send(socket, 2, 2000, 1000);
	stream_send(socket, 2, 3000, 3 * RING);
	meet(side, "long");
	stream_send(socket, 2, 0, RING + 500);
	CHECK_RESULT(xsock_shutdown(socket, SHUT_WR), 0);
}

void flags_waitall(struct side *side)
{
	struct xsock *socket = open_pair(side, &small);

	(side->letter == 'a' ? wait_for_all : send_in_parts)(side, socket);
	meet(side, "end");
	CHECK_RESULT(xsock_close(socket), 0);
}

/* -- more to come ----------------------------------------------------------------------------- */

static void expect_nothing(struct side *side, struct xsock *socket, const char *word)
{
	char byte, checked[32];

	meet(side, word);
	CHECK_RESULT(info_of(socket).bytes_to_receive, 0);
	FAILS(xsock_recv(socket, &byte, 1, MSG_DONTWAIT), EAGAIN, "");
	CHECK_RESULT(ready_now(socket, POLLIN), 0);
	snprintf(checked, sizeof checked, "%s-checked", word);
	meet(side, checked);
}

static void receive_more(struct side *side, struct xsock *socket)
{
	expect_nothing(side, socket, "more-1");
	meet(side, "flush-1");
	stream_receive(socket, 3, 0, 101);
	expect_nothing(side, socket, "more-2");
	meet(side, "flush-2");
	stream_receive(socket, 3, 101, 50);
	expect_nothing(side, socket, "more-3");
	meet(side, "flush-3");
	stream_receive(socket, 3, 151, 60);
	/* A ring that is full to the last byte has nothing more to wait for. */
	CHECK(await_ready(socket, POLLIN) & POLLIN);
	stream_receive(socket, 3, 211, RING);
	CHECK(await_ready(socket, POLLIN) & POLLIN);
	stream_receive(socket, 3, 211 + RING, RING + 20);
	CHECK_RESULT(stream_receive_all(socket, 4), 10);
}

static void send_part(struct xsock *socket, uint64_t seed, uint64_t from, size_t length, int flags)
{
	char block[2 * RING];

	stream_fill(seed, from, block, length);
	CHECK_RESULT(xsock_send(socket, block, length, flags), (long)length);
}

static void send_more(struct side *side, struct xsock *socket)
{
	struct iovec span[2];

	send_part(socket, 3, 0, 60, MSG_MORE);
	send_part(socket, 3, 60, 40, MSG_MORE | MSG_DONTWAIT);
	meet(side, "more-1");
	meet(side, "more-1-checked");
	send_part(socket, 3, 100, 1, 0);
	meet(side, "flush-1");
	send_part(socket, 3, 101, 50, MSG_MORE);
	meet(side, "more-2");
	meet(side, "more-2-checked");
	CHECK_RESULT(xsock_send(socket, "", 0, 0), 0);
	meet(side, "flush-2");
	send_part(socket, 3, 151, 50, MSG_MORE);
	meet(side, "more-3");
	meet(side, "more-3-checked");
	CHECK(xsock_send_reserve(socket, span, 10, 0) >= 10);
	stream_fill(3, 201, span[0].iov_base, 10);
	CHECK_RESULT(xsock_send_commit(socket, 10), 0);
	meet(side, "flush-3");
	CHECK(await_ready(socket, POLLOUT) & POLLOUT);
	AWAIT(info_of(socket).bytes_to_send == RING);
	send_part(socket, 3, 211, RING, MSG_MORE);
	CHECK(await_ready(socket, POLLOUT) & POLLOUT);
	AWAIT(info_of(socket).bytes_to_send == RING);
	/* More than fits, a piece at a time. */
	send_part(socket, 3, 211 + RING, RING - 1, MSG_MORE);
	send_part(socket, 3, 211 + 2 * RING - 1, 21, MSG_MORE);
	CHECK_RESULT(xsock_send(socket, "", 0, 0), 0);
	send_part(socket, 4, 0, 10, MSG_MORE);
	CHECK_RESULT(xsock_shutdown(socket, SHUT_WR), 0);
}

void flags_more(struct side *side)
{
	struct xsock *socket = open_pair(side, &small);

	(side->letter == 'a' ? receive_more : send_more)(side, socket);
	meet(side, "end");
	CHECK_RESULT(xsock_close(socket), 0);
	/* A close flushes as well. */
	socket = open_pair(side, &small);
	if (side->letter == 'a')
		CHECK_RESULT(stream_receive_all(socket, 5), 10);
	else
		send_part(socket, 5, 0, 10, MSG_MORE);
	CHECK_RESULT(xsock_close(socket), 0);
}

/* -- none of them ----------------------------------------------------------------------------- */

static void check_arguments(struct xsock *socket)
{
	struct iovec pieces[1025], span[2];
	char byte;

	for (int at = 0; at < 1025; at++)
		pieces[at] = (struct iovec){ .iov_base = &byte, .iov_len = 0 };
	FAILS(xsock_send(socket, "x", 1, MSG_OOB), EOPNOTSUPP, "MSG_MORE");
	FAILS(xsock_send(socket, "x", 1, MSG_PEEK), EOPNOTSUPP, "MSG_MORE");
	FAILS(xsock_recv(socket, &byte, 1, MSG_OOB), EOPNOTSUPP, "MSG_PEEK");
	FAILS(xsock_recv(socket, &byte, 1, MSG_MORE), EOPNOTSUPP, "MSG_PEEK");
	FAILS(xsock_send_reserve(socket, span, 1, MSG_OOB), EOPNOTSUPP, "");
	FAILS(xsock_recv_peek(socket, span, 1, MSG_OOB), EOPNOTSUPP, "");
	CHECK_RESULT(xsock_send(socket, NULL, 0, 0), 0);
	CHECK_RESULT(xsock_recv(socket, NULL, 0, 0), 0);
	CHECK_RESULT(xsock_recv(socket, NULL, 0, MSG_PEEK | MSG_WAITALL), 0);
	CHECK_RESULT(xsock_sendv(socket, NULL, 0, 0), 0);
	CHECK_RESULT(xsock_recvv(socket, NULL, 0, 0), 0);
	CHECK_RESULT(xsock_sendv(socket, pieces, 1024, 0), 0);
	CHECK_RESULT(xsock_recvv(socket, pieces, 1024, 0), 0);
	FAILS(xsock_sendv(socket, pieces, 1025, 0), EINVAL, "1024");
	FAILS(xsock_recvv(socket, pieces, 1025, 0), EINVAL, "1024");
	FAILS(xsock_sendv(socket, pieces, -1, 0), EINVAL, "1024");
	FAILS(xsock_recvv(socket, NULL, 1, 0), EINVAL, "NULL");
	pieces[0].iov_len = pieces[1].iov_len = SIZE_MAX / 2 + 1;
	FAILS(xsock_recvv(socket, pieces, 2, 0), EINVAL, "pieces");
	FAILS(xsock_send(NULL, "x", 1, 0), EINVAL, "NULL");
	FAILS(xsock_recv(NULL, &byte, 1, 0), EINVAL, "NULL");
}

static void receive_behind_nothing(struct xsock *socket)
{
	char byte = 0;
	struct iovec pieces[2] = { { .iov_base = NULL }, { .iov_base = &byte, .iov_len = 1 } };

	CHECK_RESULT(xsock_send(socket, "n", 1, 0), 1);
	CHECK_RESULT(xsock_recvv(socket, pieces, 2, 0), 1);
	CHECK_RESULT(byte, 'n');
}

void flags_unknown(struct side *side)
{
	struct xsock *socket = open_pair(side, NULL);

	check_arguments(socket);
	receive_behind_nothing(socket);
	meet_over(socket);
	CHECK_RESULT(xsock_close(socket), 0);
}
