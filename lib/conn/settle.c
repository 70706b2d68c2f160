/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One-way connections whose direction the options left open, as XenSocket's sockets: the first send
 * or receive at either end settles it. Both ends may be first at once, and no protocol of plain
 * loads and stores could decide between them, so this one word is settled by compare-and-swap.
 */
#include "base/error.h"
#include "base/shared.h"
#include "conn/connection.h"

static int misused(const struct connection *connection, bool send)
{
	return fail(EOPNOTSUPP, "this end of the one-way connection with domain %u only %s",
		    connection->domain, send ? "receives" : "sends");
}

int connection_settle(struct connection *connection, bool send)
{
	enum direction_wish direction = connection_direction(connection);
	uint32_t outward = connection->terms.grants ? GRANTER_TO_MAPPER + 1 : MAPPER_TO_GRANTER + 1;
	uint32_t inward = outward == 1 ? 2 : 1;
	uint32_t settled;

	if (direction == DIRECTION_TWO_WAY || direction == (send ? DIRECTION_SEND : DIRECTION_RECV))
		return 0;
	if (direction != DIRECTION_ONE_WAY)
		return misused(connection, send);
	settled = shared_settle32(&connection->pages.control->header.settled,
				  send ? outward : inward);
	if (settled != outward && settled != inward)
		return connection_break(
			connection, fail(EPROTO, "the peer settled on a direction that is none"));
	__atomic_store_n(&connection->direction,
			 settled == outward ? DIRECTION_SEND : DIRECTION_RECV, __ATOMIC_RELEASE);
	/* The other end may be waiting for bytes, or space, of a direction that is none now. */
	connection_notify(connection);
	return (settled == outward) == send ? 0 : misused(connection, send);
}
