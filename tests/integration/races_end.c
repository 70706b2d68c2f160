/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A connection is ended, here or there, at any moment of those who send, receive and poll. */
#include "races.h"
#include "scenarios.h"

#include "pair.h"
#include "stream.h"

#include <errno.h>

#define ROUNDS 24
#define RING 8192

static void *send_until_ended(void *argument)
{
	struct racers *racers = argument;
	char block[777] = "";

	while (xsock_send(racers->socket, block, sizeof block, 0) > 0)
		continue;
	CHECK(errno == EPIPE);
	return NULL;
}

static void *receive_until_ended(void *argument)
{
	struct racers *racers = argument;
	char block[555];
	ssize_t count;

	while ((count = xsock_recv(racers->socket, block, sizeof block, 0)) > 0)
		continue;
	CHECK_RESULT(count, 0);
	return NULL;
}

/* The same in place; what was sent is taken back by whoever comes first. */
static void *reserve_until_ended(void *argument)
{
	struct racers *racers = argument;
	struct iovec span[2];

	while (xsock_send_reserve(racers->socket, span, 1, 0) > 0) {
		/* The sender in between may have ended the reservation. */
		if (xsock_send_commit(racers->socket, 1) != 0)
			CHECK(errno == EINVAL || errno == EPIPE);
	}
	CHECK_RESULT(errno, EPIPE);
	return NULL;
}

static void *withdraw_when_ended(void *argument)
{
	struct racers *racers = argument;
	char block[100];
	ssize_t count = -1;

	while (count != 0 && racers_go_on(racers)) {
		count = xsock_send_withdraw(racers->socket, block, sizeof block);
		CHECK(count >= 0 || errno == EBUSY);
	}
	return NULL;
}

static void dawdle(uint64_t *random)
{
	int64_t until = now_us() + (int64_t)stream_random(random, 2000);

	while (now_us() < until)
		continue;
}

/* By turns B closes, A shuts one direction down and then the other, or both at once. */
static void end_somehow(struct xsock *socket, unsigned number, uint64_t *random)
{
	static const int first[] = { SHUT_RD, SHUT_WR, SHUT_RDWR };

	dawdle(random);
	if (number % 4 == 3)
		return;
	CHECK_RESULT(xsock_shutdown(socket, first[number % 4]), 0);
	dawdle(random);
	CHECK_RESULT(xsock_shutdown(socket, SHUT_RDWR), 0);
}

static void race_against_the_end(struct xsock *socket, unsigned number, uint64_t *random)
{
	static void *(*const work[])(void *) = { send_until_ended,    receive_until_ended,
						 reserve_until_ended, withdraw_when_ended,
						 race_poll,           race_info };
	struct racers racers = { .socket = socket };

	racers_start(&racers, work, 6);
	end_somehow(socket, number, random);
	for (unsigned at = 0; at < 3; at++)
		CHECK_RESULT(pthread_join(racers.threads[at], NULL), 0);
	for (unsigned at = 3; at < 6; at++)
		racers.threads[at - 3] = racers.threads[at];
	racers.count = 3;
	racers_end(&racers);
	CHECK_RESULT(xsock_close(socket), 0);
}

/* Reads and writes for a while; leaves first, or once A has ended both directions. */
static void answer(struct xsock *socket, unsigned number, uint64_t *random)
{
	int64_t until = now_us() + (int64_t)stream_random(random, 3000);
	char block[400] = "";

	while (number % 4 != 3 || now_us() < until) {
		bool reads = xsock_recv(socket, block, sizeof block, MSG_DONTWAIT) != 0;
		bool writes = xsock_send(socket, block, sizeof block, MSG_DONTWAIT) > 0 ||
			      errno == EAGAIN;

		if (!reads && !writes)
			break;
	}
	CHECK_RESULT(xsock_close(socket), 0);
}

static void rounds(struct side *side, enum xsock_role role)
{
	struct xsock_options options = { .send_ring = RING, .recv_ring = RING, .role = role };
	uint64_t random = (uint64_t)now_us();
	struct xsock *listener = NULL;

	if (side->letter == 'a')
		listener = open_listener(side, &options);
	else
		await_listener(side);
	for (unsigned number = 0; number < (side->brief ? 8 : ROUNDS); number++) {
		if (side->letter == 'a')
			race_against_the_end(must_accept(listener), number, &random);
		else
			answer(must_connect(side, &options), number, &random);
	}
	CHECK_RESULT(xsock_close(listener), 0);
}

void races_with_the_end(struct side *side)
{
	bool is_a = side->letter == 'a';

	rounds(side, is_a ? XSOCK_ROLE_GRANT : XSOCK_ROLE_MAP);
	rounds(side, is_a ? XSOCK_ROLE_MAP : XSOCK_ROLE_GRANT);
}
