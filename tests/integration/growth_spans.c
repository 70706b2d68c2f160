/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is left of a reservation, or of a look at bytes, does not keep a ring from growing under
 * another call that waits. */
#include "scenarios.h"

#include "api/socket.h"
#include "base/shared.h"
#include "pair.h"
#include "stream.h"

#include <stdio.h>

#define START ((size_t)XSOCK_RING_START)
#define MUCH ((size_t)300 * 1024)
#define SLIGHTLY 100 /* less than makes a ring grow */

typedef void part(struct side *side, struct xsock *socket, const char *word);

static void play(struct side *side, bool a_grants, const char *name, part *a, part *b)
{
	bool grants = (side->letter == 'a') == a_grants;
	struct xsock_options options = { .role = grants ? XSOCK_ROLE_GRANT : XSOCK_ROLE_MAP };
	struct xsock *socket = open_pair(side, &options);
	char word[40], done[48];

	snprintf(word, sizeof word, "%s-%c-grants", name, a_grants ? 'a' : 'b');
	snprintf(done, sizeof done, "%s-done", word);
	(side->letter == 'a' ? a : b)(side, socket, word);
	meet(side, done);
	CHECK_RESULT(xsock_close(socket), 0);
}

/* -- a reservation ---------------------------------------------------------------------------- */

/* All but a little is full, that little is reserved, and then more is wanted. */
static void reserve_beyond(struct side *side, struct xsock *socket, const char *word)
{
	struct iovec span[2];

	stream_send(socket, 1, 0, START - SLIGHTLY / 2);
	CHECK_RESULT(xsock_send_reserve(socket, span, 1, 0), SLIGHTLY / 2);
	say(side, word, "%s", "full");
	CHECK(xsock_send_reserve(socket, span, SLIGHTLY, 0) >= SLIGHTLY);
	stream_send(socket, 1, START - SLIGHTLY / 2, MUCH - START + SLIGHTLY / 2);
}

/* Without taking any of it, so that only a larger ring has space. */
static void look_at_much(struct side *side, struct xsock *socket, const char *word)
{
	const struct control_direction *in = socket->connection->in.shared;
	static char block[MUCH];
	char value[8];

	hear(side, word, value, sizeof value);
	AWAIT(shared_load64(&in->space_wanted.mark) >= SLIGHTLY / 2);
	CHECK_RESULT(xsock_recv(socket, block, MUCH, MSG_PEEK | MSG_WAITALL), (ssize_t)MUCH);
	CHECK(stream_matches(1, 0, block, MUCH));
}

void growth_under_reservation(struct side *side)
{
	play(side, true, "full", look_at_much, reserve_beyond);
	play(side, false, "full", look_at_much, reserve_beyond);
}

/* -- a look ----------------------------------------------------------------------------------- */

/* The first look lies in a ring of before by the time of the second. */
static void look_again(struct side *side, struct xsock *socket, const char *word)
{
	struct iovec span[2];

	CHECK_RESULT(xsock_recv_peek(socket, span, SLIGHTLY, 0), SLIGHTLY);
	say(side, word, "%s", "looked");
	AWAIT((ready_now(socket, 0), info_of(socket).recv_ring > START));
	CHECK(xsock_recv_peek(socket, span, 2 * SLIGHTLY, 0) >= 2 * SLIGHTLY);
	CHECK(stream_matches(1, 0, span[0].iov_base, span[0].iov_len));
}

static void grow_twice(struct side *side, struct xsock *socket, const char *word)
{
	struct iovec span[2];
	char value[8];

	stream_send(socket, 1, 0, SLIGHTLY);
	hear(side, word, value, sizeof value);
	CHECK(xsock_send_reserve(socket, span, START, 0) >= (ssize_t)START);
	CHECK(xsock_send_reserve(socket, span, MUCH, 0) >= (ssize_t)MUCH);
	stream_send(socket, 1, SLIGHTLY, SLIGHTLY);
}

void growth_while_peeking(struct side *side)
{
	play(side, true, "looked", look_again, grow_twice);
	play(side, false, "looked", look_again, grow_twice);
}
