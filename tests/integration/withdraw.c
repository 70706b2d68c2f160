/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a peer will not read any more is taken back, to the byte where it stopped. */
#include "scenarios.h"

#include "api/socket.h"
#include "base/shared.h"
#include "pair.h"
#include "process.h"
#include "stream.h"

#include <errno.h>
#include <stdio.h>

#define RING ((size_t)4096)

static const struct xsock_options small = { .send_ring = RING, .recv_ring = RING };

static struct xsock_options small_as(enum xsock_role role)
{
	struct xsock_options options = small;

	options.role = role;
	return options;
}

static void refuses_while_read(struct xsock *socket)
{
	char block[8];

	FAILS(xsock_send_withdraw(socket, block, sizeof block), EBUSY, "reads");
	FAILS(xsock_send_withdraw(socket, NULL, 0), EBUSY, "reads");
	FAILS(xsock_send_withdraw(socket, NULL, 1), EFAULT, "NULL");
}

/* All from `from` to `to` of the stream, in steps that fit nothing. */
static void withdraw_rest(struct xsock *socket, uint64_t from, uint64_t to)
{
	uint64_t sent = info_of(socket).bytes_sent;
	char block[333];

	CHECK_RESULT(xsock_send_withdraw(socket, NULL, 0), 0);
	while (from < to) {
		size_t expected = to - from < sizeof block ? to - from : sizeof block;

		CHECK_RESULT(xsock_send_withdraw(socket, block, sizeof block), expected);
		CHECK(stream_matches(1, from, block, expected));
		from += expected;
	}
	CHECK_RESULT(xsock_send_withdraw(socket, block, sizeof block), 0);
	FAILS(xsock_send(socket, "x", 1, 0), EPIPE, "");
	CHECK_RESULT(info_of(socket).bytes_sent, sent);
}

/* -- a peer that stops reading ---------------------------------------------------------------- */

/* In A: 3000 bytes, which B reads, then a full ring, of which B reads 1000 and no more; the last
 * 500 bytes are never published. */
static void send_for_nobody(struct side *side, struct xsock *socket, bool shut)
{
	char block[500];

	refuses_while_read(socket);
	stream_send(socket, 1, 0, 3000);
	stream_send(socket, 1, 3000, 3000);
	stream_fill(1, 6000, block, sizeof block);
	CHECK_RESULT(xsock_send(socket, block, sizeof block, MSG_MORE), sizeof block);
	if (shut)
		CHECK_RESULT(xsock_shutdown(socket, SHUT_WR), 0);
	refuses_while_read(socket);
	meet(side, "sent");
	meet(side, "stopped");
	withdraw_rest(socket, 4000, 6500);
}

static void stop_reading(struct side *side, struct xsock *socket, bool close)
{
	stream_receive(socket, 1, 0, 4000);
	meet(side, "sent");
	CHECK_RESULT(close ? xsock_close(socket) : xsock_shutdown(socket, SHUT_RD), 0);
	meet(side, "stopped");
}

void withdraw_after_shutdown(struct side *side)
{
	struct xsock *socket = open_pair(side, &small);

	if (side->letter == 'a')
		send_for_nobody(side, socket, false);
	else
		stop_reading(side, socket, false);
	/* The other direction goes on. */
	if (side->letter == 'a')
		stream_receive(socket, 2, 0, 3 * RING);
	else
		stream_send(socket, 2, 0, 3 * RING);
	meet(side, "end");
	CHECK_RESULT(xsock_close(socket), 0);
}

static void after_close(struct side *side, enum xsock_role role_of_a)
{
	struct xsock_options options = small_as(role_of_a);
	struct xsock *socket;

	if (side->letter == 'b') {
		options.role = role_of_a == XSOCK_ROLE_MAP ? XSOCK_ROLE_GRANT : XSOCK_ROLE_MAP;
		stop_reading(side, open_pair(side, &options), true);
		return;
	}
	socket = open_pair(side, &options);
	send_for_nobody(side, socket, role_of_a == XSOCK_ROLE_MAP);
	CHECK_RESULT(xsock_close(socket), 0);
}

void withdraw_after_close_of_granter(struct side *side)
{
	after_close(side, XSOCK_ROLE_MAP);
}

void withdraw_after_close_of_mapper(struct side *side)
{
	after_close(side, XSOCK_ROLE_GRANT);
}

/* -- a peer that dies ------------------------------------------------------------------------- */

static void be_victim(struct side *side, void *argument)
{
	struct xsock *socket = must_connect(side, argument);

	stream_receive(socket, 1, 0, 4000);
	CHECK_RESULT(xsock_send(socket, "r", 1, 0), 1);
	process_sleep();
}

static void kill_victim(struct side *side, enum xsock_role role)
{
	struct xsock_options options = { .role = role };
	char value[8];
	pid_t victim;

	await_listener(side);
	victim = process_start(side, be_victim, &options);
	hear(side, "connected", value, sizeof value);
	meet(side, "sent");
	process_kill(victim);
	meet(side, "dead");
	meet(side, "withdrawn");
	clear_away(side);
}

static void after_death(struct side *side, enum xsock_role role_of_victim)
{
	struct xsock_options options =
		small_as(role_of_victim == XSOCK_ROLE_MAP ? XSOCK_ROLE_GRANT : XSOCK_ROLE_MAP);
	struct xsock *listener, *socket;
	char byte;

	if (side->letter == 'b') {
		kill_victim(side, role_of_victim);
		return;
	}
	listener = open_listener(side, &options);
	socket = must_accept(listener);
	stream_send(socket, 1, 0, 4000);
	CHECK_RESULT(xsock_recv(socket, &byte, 1, 0), 1);
	say(side, "connected", "%s", "yes");
	stream_send(socket, 1, 4000, 2500);
	refuses_while_read(socket);
	meet(side, "sent");
	meet(side, "dead");
	/* Without a look at anything else before. */
	withdraw_rest(socket, 4000, 6500);
	meet(side, "withdrawn");
	CHECK_RESULT(xsock_close(socket), 0);
	CHECK_RESULT(xsock_close(listener), 0);
}

void withdraw_after_death_of_granter(struct side *side)
{
	after_death(side, XSOCK_ROLE_GRANT);
}

void withdraw_after_death_of_mapper(struct side *side)
{
	after_death(side, XSOCK_ROLE_MAP);
}

/* -- both end it at once ---------------------------------------------------------------------- */

/* In A, which sends: what the word says holds for the bytes, too. */
static void end_as_sender(struct side *side, struct xsock *socket, const char *word)
{
	uint64_t received;

	stream_send(socket, 1, 0, 3000);
	CHECK_RESULT(info_of(socket).send_cut, XSOCK_CUT_NONE);
	meet(side, word);
	CHECK_RESULT(xsock_shutdown(socket, SHUT_WR), 0);
	say(side, "cut", "%d", (int)info_of(socket).send_cut);
	received = hear_number(side, "received");
	if (info_of(socket).send_cut == XSOCK_CUT_BY_RECEIVER)
		withdraw_rest(socket, received, 3000);
	else
		CHECK_RESULT(received, 3000);
}

static void end_as_receiver(struct side *side, struct xsock *socket, const char *word)
{
	uint64_t received = 1000;

	stream_receive(socket, 1, 0, received);
	meet(side, word);
	CHECK_RESULT(xsock_shutdown(socket, SHUT_RD), 0);
	CHECK(info_of(socket).recv_cut == XSOCK_CUT_BY_SENDER ||
	      info_of(socket).recv_cut == XSOCK_CUT_BY_RECEIVER);
	if (info_of(socket).recv_cut == XSOCK_CUT_BY_SENDER) {
		stream_receive(socket, 1, received, 2000);
		received += 2000;
	}
	CHECK_RESULT(hear_number(side, "cut"), info_of(socket).recv_cut);
	say(side, "received", "%llu", (unsigned long long)received);
}

void withdraw_who_was_first(struct side *side)
{
	struct xsock *socket = open_pair(side, &small);

	if (side->letter == 'a')
		end_as_sender(side, socket, "both");
	else
		end_as_receiver(side, socket, "both");
	meet(side, "end");
	CHECK_RESULT(xsock_close(socket), 0);
}

/* -- a peer that lies ------------------------------------------------------------------------- */

/* In B: writes into the control page what the library never would. */
static void lie(struct side *side)
{
	struct xsock *socket = open_pair(side, &small);
	struct control_progress *consumed = &socket->connection->in.shared->consumed;

	meet(side, "sent");
	shared_store64(&consumed->index, 6001);
	CHECK_RESULT(xsock_shutdown(socket, SHUT_RD), 0);
	meet(side, "stopped");
	meet(side, "end");
	CHECK_RESULT(xsock_close(socket), 0);
	socket = open_pair(side, &small);
	consumed = &socket->connection->in.shared->consumed;
	meet(side, "sent-again");
	CHECK_RESULT(xsock_shutdown(socket, SHUT_RD), 0);
	meet(side, "stopped-again");
	meet(side, "withdrawn");
	/* It reads again, and all is as if the withdrawn bytes had been received. */
	shared_store64(&consumed->index, 4000);
	shared_store32(&consumed->state, LINE_OPEN);
	meet(side, "open-again");
	meet(side, "end-again");
	CHECK_RESULT(xsock_close(socket), 0);
}

static void be_lied_to(struct side *side)
{
	struct xsock *socket = open_pair(side, &small);
	char block[100];

	stream_send(socket, 1, 0, 4000);
	meet(side, "sent");
	meet(side, "stopped");
	for (int again = 0; again < 2; again++)
		FAILS(xsock_send_withdraw(socket, block, sizeof block), EPROTO, "6001");
	FAILS(xsock_send(socket, "x", 1, 0), EPROTO, "6001");
	CHECK(ready_now(socket, POLLERR) & POLLERR);
	meet(side, "end");
	CHECK_RESULT(xsock_close(socket), 0);
	socket = open_pair(side, &small);
	stream_send(socket, 1, 0, 4000);
	meet(side, "sent-again");
	meet(side, "stopped-again");
	CHECK_RESULT(xsock_send_withdraw(socket, block, sizeof block), sizeof block);
	meet(side, "withdrawn");
	meet(side, "open-again");
	FAILS(xsock_send(socket, "x", 1, MSG_DONTWAIT), EPIPE, "");
	withdraw_rest(socket, sizeof block, 4000);
	meet(side, "end-again");
	CHECK_RESULT(xsock_close(socket), 0);
}

void withdraw_from_a_liar(struct side *side)
{
	(side->letter == 'a' ? be_lied_to : lie)(side);
}

/* -- who does not send ------------------------------------------------------------------------ */

void withdraw_elsewhere(struct side *side)
{
	struct xsock_options options = { .direction = side->letter == 'a' ? XSOCK_DIR_RECV
									  : XSOCK_DIR_SEND };
	struct xsock_options undecided = { .direction = XSOCK_DIR_ONE_WAY };
	struct xsock_options plain = with_platform(side, NULL);
	struct xsock *socket = open_pair(side, &options), *listener;
	char byte;

	if (side->letter == 'a')
		FAILS(xsock_send_withdraw(socket, &byte, 1), EOPNOTSUPP, "receives");
	else
		refuses_while_read(socket);
	meet(side, "tried");
	CHECK_RESULT(xsock_close(socket), 0);
	listener = xsock_listen("withdraw", &plain);
	CHECK(listener);
	FAILS(xsock_send_withdraw(listener, &byte, 1), ENOTCONN, "listener");
	FAILS(xsock_send_withdraw(NULL, &byte, 1), EINVAL, "NULL");
	CHECK_RESULT(xsock_close(listener), 0);
	/* It settles nothing. */
	socket = open_pair(side, &undecided);
	refuses_while_read(socket);
	meet(side, "undecided");
	if (side->letter == 'a')
		CHECK_RESULT(xsock_recv(socket, &byte, 1, 0), 1);
	else
		CHECK_RESULT(xsock_send(socket, "x", 1, 0), 1);
	CHECK_RESULT(xsock_close(socket), 0);
}

/* -- at any moment ---------------------------------------------------------------------------- */

#define ROUNDS 20

/* In B: stops in the middle of what A sends, and says where. */
static void stop_somewhere(struct side *side, struct xsock *socket, unsigned round)
{
	char block[64], word[24];
	uint64_t received = 0;

	while (received <= 1000 * round) {
		ssize_t count = xsock_recv(socket, block, sizeof block, 0);

		CHECK(count > 0);
		received += (uint64_t)count;
	}
	CHECK_RESULT(xsock_shutdown(socket, SHUT_RD), 0);
	snprintf(word, sizeof word, "received-%u", round);
	say(side, word, "%llu", (unsigned long long)received);
}

/* In A: sends until it fails; what is withdrawn begins where B stopped. */
static void send_until_refused(struct side *side, struct xsock *socket, unsigned round)
{
	char block[97], word[24];
	uint64_t sent = 0, received;
	ssize_t count;

	do {
		stream_fill(1, sent, block, sizeof block);
		count = xsock_send(socket, block, sizeof block, 0);
		sent += count > 0 ? (uint64_t)count : 0;
	} while (count > 0);
	CHECK_RESULT(errno, EPIPE);
	/* At once: B may still be in its call. */
	count = xsock_send_withdraw(socket, block, 1);
	snprintf(word, sizeof word, "received-%u", round);
	received = hear_number(side, word);
	CHECK_RESULT(count, received < sent);
	CHECK(stream_matches(1, received, block, (size_t)count));
	withdraw_rest(socket, received + (uint64_t)count, sent);
}

void withdraw_any_time(struct side *side)
{
	struct xsock *listener = NULL;

	if (side->letter == 'a')
		listener = open_listener(side, &small);
	else
		await_listener(side);
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct xsock *socket =
			listener ? must_accept(listener) : must_connect(side, &small);

		(listener ? send_until_refused : stop_somewhere)(side, socket, round);
		CHECK_RESULT(xsock_close(socket), 0);
	}
	CHECK_RESULT(xsock_close(listener), 0);
}
