/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pair.h"

#include "world/ends.h"
#include "world/input.h"
#include "world/world.h"

static struct xsock *socket_of(const struct end *end)
{
	struct xsock *socket;

	if (end->socket.connection == NULL)
		return NULL;
	socket = malloc(sizeof *socket);
	EXPECT(socket != NULL);
	*socket = end->socket;
	socket->connection->nonblocking = true;
	return socket;
}

bool pair_open(struct xsock **program, struct xsock **peer)
{
	struct terms terms = { .direction = DIRECTION_TWO_WAY, .grants = input_below(2) == 0 };
	struct ends ends;
	bool opened;

	terms.send_start = terms.recv_start = 4096u << input_below(3);
	terms.send = terms.recv = 16384;
	opened = ends_open(&ends, &terms);
	*program = socket_of(&ends.end[SIDE_A]);
	*peer = socket_of(&ends.end[SIDE_B]);
	return opened;
}
