/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Taking back what was sent to a peer that will not read it. */
#include "base/error.h"
#include "base/shared.h"
#include "conn/connection.h"
#include "conn/transfer.h"

static int may_withdraw(struct connection *connection)
{
	int error = connection_check(connection);

	if (error != 0)
		return error;
	/* Takes what has happened already: a death may show nowhere else. */
	if (!producer_refused(&connection->out))
		endpoint_attend(&connection->endpoint);
	/* With the direction still open nothing was sent; that must not settle it. */
	if (connection_direction(connection) == DIRECTION_ONE_WAY)
		return 0;
	return connection_settle(connection, true);
}

/* The first time: from here on neither end changes anything. */
static int freeze(struct connection *connection)
{
	/* The cut comes before the mark, by a reader that was done before the cut. */
	if (shared_load32(connection_cut_word(connection, true)) != CUT_BY_READER &&
	    !producer_refused(&connection->out) && !connection_peer_dead(connection))
		return fail(EBUSY, "domain %u still reads what was sent", connection->domain);
	/* The end was seen, then the index is read; its writer did it the other way round. */
	if (producer_freeze(&connection->out) != 0)
		return connection_break(connection, -EPROTO);
	connection->reserved = 0;
	connection->withdrawn = true;
	__atomic_store_n(&connection->stopped[true], true, __ATOMIC_RELEASE);
	return 0;
}

ssize_t transfer_withdraw(struct connection *connection, void *buffer, size_t length)
{
	int error = may_withdraw(connection);
	ssize_t count;

	if (error != 0)
		return error;
	connection_lock(connection, true);
	error = connection->withdrawn ? 0 : freeze(connection);
	count = error != 0 ? error : (ssize_t)producer_withdraw(&connection->out, buffer, length);
	connection_unlock(connection, true);
	return count;
}
