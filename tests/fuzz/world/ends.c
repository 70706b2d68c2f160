/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ends.h"

#include "base/fork.h"
#include "input.h"
#include "platform.h"
#include "world.h"

#define NONCE 0x1122334455667788u
#define TIME_LIMIT 20 /* ms */

static struct terms mirrored(const struct terms *terms)
{
	struct terms other = *terms;

	other.grants = !terms->grants;
	/* Of a direction that is open all is in `send`, at both ends. */
	if (terms->direction == DIRECTION_ONE_WAY)
		return other;
	if (terms->direction == DIRECTION_SEND)
		other.direction = DIRECTION_RECV;
	else if (terms->direction == DIRECTION_RECV)
		other.direction = DIRECTION_SEND;
	other.send = terms->recv;
	other.recv = terms->send;
	other.send_start = terms->recv_start;
	other.recv_start = terms->send_start;
	return other;
}

static bool make(struct end *end, enum side side, const struct terms *terms)
{
	const struct peer_limits limits = { 0 };
	struct connection *connection;

	*end = (struct end){ .socket.generation = fork_generation() };
	platform_hold(fake_platform(side));
	world_call(0);
	if (connection_new(fake_platform(side), fake_domain(!side), "fuzz", &connection) != 0) {
		platform_put(fake_platform(side));
		return false;
	}
	connection->send_timeout = connection->recv_timeout = TIME_LIMIT;
	end->socket.connection = connection;
	return connection_agree(connection, terms, &limits) == 0;
}

bool ends_open(struct ends *ends, const struct terms *terms)
{
	struct terms other = mirrored(terms);
	struct connection *granter, *mapper;
	uint32_t port, reference;

	*ends = (struct ends){ 0 };
	if (!make(&ends->end[SIDE_A], SIDE_A, terms) || !make(&ends->end[SIDE_B], SIDE_B, &other))
		return false;
	granter = ends->end[terms->grants ? SIDE_A : SIDE_B].socket.connection;
	mapper = ends->end[terms->grants ? SIDE_B : SIDE_A].socket.connection;
	granter->spins = mapper->spins = input_below(2) == 1;
	return connection_offer(granter, NONCE, &port, &reference) == 0 &&
	       connection_take(mapper, NONCE, port, reference) == 0 &&
	       connection_taken(granter) == 1;
}

void end_close(struct end *end)
{
	if (end->socket.connection == NULL)
		return;
	world_call(0);
	connection_close(end->socket.connection);
	world_called();
	end->socket.connection = NULL;
	end->peeked_left = end->reserved_left = 0;
}

void ends_close(struct ends *ends)
{
	end_close(&ends->end[SIDE_A]);
	end_close(&ends->end[SIDE_B]);
}

static uint64_t size_from_input(uint64_t least, uint64_t most)
{
	uint64_t size = least;

	for (unsigned doublings = input_below(12); doublings > 0 && size < most; doublings--)
		size *= 2;
	return size;
}

struct terms terms_from_input(uint64_t most, bool grows)
{
	struct terms terms = { .grants = input_below(2) == 0 };

	terms.direction = DIRECTION_TWO_WAY + input_below(4);
	terms.send_start = size_from_input(RING_BYTES_MIN, most);
	terms.recv_start = size_from_input(RING_BYTES_MIN, most);
	terms.send = grows ? size_from_input(terms.send_start, most) : terms.send_start;
	terms.recv = grows ? size_from_input(terms.recv_start, most) : terms.recv_start;
	if (terms.direction == DIRECTION_SEND || terms.direction == DIRECTION_ONE_WAY)
		terms.recv = terms.recv_start = 0;
	if (terms.direction == DIRECTION_RECV)
		terms.send = terms.send_start = 0;
	if (terms.direction == DIRECTION_ONE_WAY)
		terms.send = terms.send_start;
	return terms;
}
