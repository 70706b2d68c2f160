/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ring sizes: wishes of both ends, limits, and data through all of every ring. */
#include "scenarios.h"

#include "pair.h"
#include "stream.h"

#include <errno.h>
#include <stdio.h>

#define KIB ((size_t)1024)
#define MIB (KIB * KIB)

struct wish {
	size_t send, recv;
};

/* What A and B wish, and what A then has, from the start. */
static const struct {
	struct wish a, b, agreed;
} cases[] = {
	{ { 0, 0 }, { 0, 0 }, { MIB, MIB } },
	{ { 4096, 4096 }, { 0, 0 }, { 4096, 4096 } },
	{ { 0, 0 }, { 8192, 8192 }, { 8192, 8192 } },
	{ { 64 * KIB, 64 * KIB }, { 64 * KIB, 64 * KIB }, { 64 * KIB, 64 * KIB } },
	{ { MIB, MIB }, { 0, 0 }, { MIB, MIB } },
	{ { 4096, 0 }, { 0, MIB }, { 4096, MIB } },
	{ { 0, 4096 }, { 8192, 0 }, { MIB, 4096 } },
	{ { MIB, 4096 }, { 0, 0 }, { MIB, 4096 } },
	{ { MIB, 8192 }, { MIB, 128 * KIB }, { 128 * KIB, 8192 } },
	{ { 1, 5000 }, { 5000, 4097 }, { 4096, 8192 } },
	{ { 16 * MIB, 0 }, { 16 * MIB, 64 * MIB }, { 16 * MIB, 16 * MIB } },
};

static struct xsock_options options_of(struct wish wish, enum xsock_role role)
{
	return (struct xsock_options){ .send_ring = wish.send,
				       .recv_ring = wish.recv,
				       .ring_start = XSOCK_RING_MAX,
				       .role = role };
}

/* Each end fills its ring before the other reads any of it. */
static void use(struct side *side, struct xsock *socket, struct wish mine, const char *full)
{
	struct xsock_info info = info_of(socket);
	uint64_t seed = side->letter == 'a';

	CHECK_RESULT(info.send_ring, mine.send);
	CHECK_RESULT(info.recv_ring, mine.recv);
	CHECK_RESULT(info.bytes_to_send, mine.send);
	/* Not at the start of the ring: the rest wraps. */
	stream_send(socket, seed, 0, 1000);
	stream_receive(socket, 1 - seed, 0, 1000);
	AWAIT(info_of(socket).bytes_to_send == mine.send);
	stream_send(socket, seed, 1000, mine.send);
	CHECK_RESULT(info_of(socket).bytes_to_send, 0);
	FAILS(xsock_send(socket, "x", 1, MSG_DONTWAIT), EAGAIN, "space");
	AWAIT(info_of(socket).bytes_to_receive == mine.recv);
	meet(side, full);
	stream_receive(socket, 1 - seed, 1000, mine.recv);
	AWAIT(info_of(socket).bytes_to_send == mine.send);
}

/* With A granting, then with B granting. */
static void one_case(struct side *side, size_t number, enum xsock_role role)
{
	bool is_a = side->letter == 'a';
	struct wish agreed = cases[number].agreed;
	struct wish mine = { is_a ? agreed.send : agreed.recv, is_a ? agreed.recv : agreed.send };
	struct xsock_options options = options_of(is_a ? cases[number].a : cases[number].b, role);
	struct xsock *socket = open_pair(side, &options);
	char full[32];

	snprintf(full, sizeof full, "full-%zu-%d", number, (int)role == (is_a ? 1 : 2));
	use(side, socket, mine, full);
	CHECK_RESULT(xsock_close(socket), 0);
}

void ring_sizes(struct side *side)
{
	for (size_t at = 0; at < sizeof cases / sizeof cases[0]; at++)
		for (int swap = 0; swap < 2; swap++)
			one_case(side, at,
				 (side->letter == 'a') != swap ? XSOCK_ROLE_GRANT : XSOCK_ROLE_MAP);
}

/* Over the library's limit: EINVAL here; over the listener's: EDQUOT at the connector. */
void ring_limits(struct side *side)
{
	struct xsock_options huge = { .send_ring = XSOCK_RING_MAX + 1 };
	struct xsock_options also_huge = { .recv_ring = SIZE_MAX };
	struct xsock_options huge_limit = { .max_ring = XSOCK_RING_MAX + 1 };
	struct xsock_options limited = { .max_ring = 8192 };
	struct xsock_options over = { .send_ring = 8193, .recv_ring = 4096 };
	struct xsock_options over_default = { .recv_ring = 32 * MIB };
	struct xsock_options fits = { .send_ring = 8192, .recv_ring = 8192 };
	struct xsock *listener, *socket;

	FAILS_TO_OPEN(xsock_listen("huge", &huge), EINVAL, "ring");
	FAILS_TO_OPEN(xsock_listen("huge", &huge_limit), EINVAL, "ring");
	FAILS_TO_OPEN(try_connect(side, &also_huge), EINVAL, "ring");
	if (side->letter == 'a') {
		listener = open_listener(side, &limited);
		socket = must_accept(listener);
		CHECK_RESULT(xsock_close(listener), 0);
		meet_over(socket);
		CHECK_RESULT(xsock_close(socket), 0);
		listener = open_listener(side, NULL);
		meet(side, "tried");
		CHECK_RESULT(xsock_close(listener), 0);
		return;
	}
	await_listener(side);
	FAILS_TO_OPEN(try_connect(side, &over), EDQUOT, "max_ring");
	socket = must_connect(side, &fits);
	meet_over(socket);
	CHECK_RESULT(xsock_close(socket), 0);
	await_listener(side);
	FAILS_TO_OPEN(try_connect(side, &over_default), EDQUOT, "max_ring");
	meet(side, "tried");
}
