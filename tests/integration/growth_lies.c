/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A peer that writes into the words about growth what the library never would. */
#include "scenarios.h"

#include "api/socket.h"
#include "base/shared.h"
#include "conn/exchange.h"
#include "pair.h"

#include <errno.h>
#include <stdio.h>

/* What B writes into the pages. A is the other role each time; it sends and receives and finds out,
 * or nothing comes of it. */
enum lie {
	LIE_WISH_AHEAD,
	LIE_WISH_HUGE,
	LIE_WISH_ODD,
	LIE_ASK_HUGE,
	LIE_ASK_ODD,
	LIE_TURN,
	LIE_TURN_KEPT,
	LIE_OFFER_UNASKED, /* the granter's from here on */
	LIE_OFFER_HUGE,
	LIE_OFFER_ODD,
	LIE_OFFER_NOTHING, /* pages that are none: a refusal, no more */
	LIE_MAPPED,        /* the mapper's from here on */
	LIE_REFUSED,
	LIE_UNMAPPED,
	LIES
};

static bool is_granters(enum lie lie)
{
	return lie >= LIE_OFFER_UNASKED && lie <= LIE_OFFER_NOTHING;
}

static void tell_as_writer(struct connection *connection, enum lie lie)
{
	struct control_growth *words = exchange_own_words(connection);
	uint32_t *turn = &connection->out.shared->produced.turn;

	if (lie == LIE_WISH_AHEAD)
		shared_store64(&words->wish, control_ring(2, 8));
	else if (lie == LIE_WISH_HUGE)
		shared_store64(&words->wish, control_ring(1, 1u << 31));
	else if (lie == LIE_WISH_ODD)
		shared_store64(&words->wish, control_ring(1, 3));
	else if (lie == LIE_ASK_HUGE)
		shared_store64(&words->ask, control_ring(1, 512));
	else if (lie == LIE_ASK_ODD)
		shared_store64(&words->ask, control_ring(1, UINT32_MAX));
	else if (lie == LIE_TURN)
		shared_store32(turn, turn_word(1));
	else
		shared_store32(turn, turn_word(1) | TURN_KEPT);
}

/* References that nobody granted; small ones may well be a domain's console or store. */
static void offer_nothing(struct control_offer *offer)
{
	for (int at = 0; at < OFFER_REFERENCES; at++)
		shared_store32(&offer->reference[at], 0x3fffff00u + at);
	shared_store64(&offer->ring, control_ring(1, OFFER_REFERENCES));
}

static void tell_as_granter(struct connection *connection, enum lie lie)
{
	struct control_offer *offer = &connection->pages.control->offer[GRANTER_TO_MAPPER];

	if (lie == LIE_OFFER_UNASKED)
		shared_store64(&connection->pages.control->offer[MAPPER_TO_GRANTER].ring,
			       control_ring(1, 8));
	else if (lie == LIE_OFFER_HUGE)
		shared_store64(&offer->ring, control_ring(1, 512));
	else if (lie == LIE_OFFER_ODD)
		shared_store64(&offer->ring, control_ring(1, 7));
	else
		offer_nothing(offer);
}

static void tell_as_mapper(struct connection *connection, enum lie lie)
{
	struct control_growth *words = exchange_own_words(connection);

	if (lie == LIE_MAPPED)
		shared_store32(&words->mapped[MAPPER_TO_GRANTER], 1);
	else if (lie == LIE_REFUSED)
		shared_store32(&words->refused[GRANTER_TO_MAPPER], 1);
	else
		shared_store32(&words->unmapped[MAPPER_TO_GRANTER], 7);
}

static void tell(struct xsock *socket, enum lie lie)
{
	struct connection *connection = socket->connection;

	if (lie <= LIE_TURN_KEPT)
		tell_as_writer(connection, lie);
	else if (is_granters(lie))
		tell_as_granter(connection, lie);
	else
		tell_as_mapper(connection, lie);
	connection_notify(connection);
}

/* Every call finds it out from now on. */
static void expect_broken(struct xsock *socket)
{
	char byte;

	FAILS(xsock_recv(socket, &byte, 1, 0), EPROTO, "");
	FAILS(xsock_send(socket, "x", 1, 0), EPROTO, "");
	CHECK(ready_now(socket, POLLIN) & POLLERR);
}

static void one_lie(struct side *side, enum lie lie)
{
	/* A mapper's wishes are the only ones that anybody reads. */
	bool b_grants = is_granters(lie) || lie == LIE_ASK_HUGE || lie == LIE_TURN;
	bool grants = (side->letter == 'b') == b_grants;
	struct xsock_options options = { .role = grants ? XSOCK_ROLE_GRANT : XSOCK_ROLE_MAP };
	struct xsock *socket = open_pair(side, &options);
	char word[24];

	snprintf(word, sizeof word, "lie-%d", (int)lie);
	if (side->letter == 'b') {
		tell(socket, lie);
		/* Nobody looks at a turn before there is a byte that may lie in the new ring. */
		if (lie == LIE_TURN || lie == LIE_TURN_KEPT)
			CHECK_RESULT(xsock_send(socket, "x", 1, 0), 1);
		meet(side, word);
	} else if (lie == LIE_OFFER_NOTHING) {
		AWAIT((ready_now(socket, 0),
		       shared_load32(&exchange_own_words(socket->connection)
					      ->refused[GRANTER_TO_MAPPER]) == 1));
		CHECK_RESULT(xsock_send(socket, "x", 1, 0), 1);
		CHECK_RESULT(info_of(socket).recv_ring, XSOCK_RING_START);
		meet(side, word);
	} else {
		expect_broken(socket);
		meet(side, word);
	}
	CHECK_RESULT(xsock_close(socket), 0);
}

/* -- two that contradict each other ------------------------------------------------------------ */

/* A mapper that goes on in a ring which it says it could not map: the granter reads in those pages by
 * the time that it hears of the refusal. */
static void turn_and_refuse(struct side *side, struct xsock *socket)
{
	struct connection *connection = socket->connection;
	struct control_growth *words = exchange_own_words(connection);
	struct control_progress *produced = &connection->out.shared->produced;

	shared_store64(&words->wish, control_ring(1, 8));
	connection_notify(connection);
	meet(side, "offered");
	shared_store32(&produced->turn, turn_word(1));
	shared_store64(&produced->index, 2);
	shared_store32(&words->refused[MAPPER_TO_GRANTER], 1);
	meet(side, "turned");
}

static void read_what_was_refused(struct side *side, struct xsock *socket)
{
	uint64_t *offer = &socket->connection->pages.control->offer[MAPPER_TO_GRANTER].ring;
	char byte;

	AWAIT((ready_now(socket, 0), shared_load64(offer) == control_ring(1, 8)));
	meet(side, "offered");
	meet(side, "turned");
	/* Finds bytes at once, so the events are not taken, and the refusal is heard after the turn. */
	CHECK_RESULT(xsock_recv(socket, &byte, 1, 0), 1);
	expect_broken(socket);
}

void growth_turn_refused(struct side *side)
{
	bool grants = side->letter == 'a';
	struct xsock_options options = { .role = grants ? XSOCK_ROLE_GRANT : XSOCK_ROLE_MAP };
	struct xsock *socket = open_pair(side, &options);

	if (grants)
		read_what_was_refused(side, socket);
	else
		turn_and_refuse(side, socket);
	meet(side, "over");
	CHECK_RESULT(xsock_close(socket), 0);
}

void growth_lies(struct side *side)
{
	for (int lie = 0; lie < LIES; lie++)
		one_lie(side, (enum lie)lie);
}
