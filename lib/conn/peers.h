/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The domains at the other ends, one entry each: how many connections there are, and whether the
 * domain is gone. A destroyed domain sends no event; XenStore removes its nodes, so one watch a
 * domain on its data/xsock/alive, shared by all connections of this process, tells.
 */
#ifndef XSOCK_CONN_PEERS_H
#define XSOCK_CONN_PEERS_H

#include <stdbool.h>

#include "conn/endpoint.h"
#include "platform/platform.h"

struct peer;

/* A connection's membership. */
struct peer_link {
	struct peer *peer;
	struct endpoint *endpoint; /* to be alarmed when the domain goes */
	struct peer_link *next;
	bool gone;    /* so is the domain */
	size_t pages; /* that the connection claims */
};

/* `limit` connections of this process with the domain at most (0: any): -EDQUOT. -ECONNRESET for a
 * domain that is already gone. */
int peer_join(struct platform *platform, unsigned domain, unsigned limit, struct peer_link *link,
	      struct endpoint *endpoint);
void peer_leave(struct peer_link *link);

static inline bool peer_gone(const struct peer_link *link)
{
	return __atomic_load_n(&link->gone, __ATOMIC_ACQUIRE);
}

/* Counts pages of this connection: `limit` of all with the domain at most (0: any), -EDQUOT. Then
 * all of them are alarmed, now and again, as idle ones may have pages to give back. */
int peer_claim(struct peer_link *link, size_t pages, size_t limit);
void peer_unclaim(struct peer_link *link, size_t pages);

/* To be polled beside a connection's own descriptors; -1 when there is nothing to watch. */
int peer_fd(const struct peer_link *link);
/* Takes what that descriptor announces. */
void peer_drain(const struct peer_link *link);

#endif
