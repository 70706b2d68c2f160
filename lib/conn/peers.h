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
#include "conn/refusal.h"
#include "platform/platform.h"

struct peer;

/* What a connection's end allows this process to have, with its domain and with all; 0: any. */
struct peer_limits {
	unsigned domain_connections, connections;
	size_t domain_pages, pages;
};

/* A connection's membership. */
struct peer_link {
	struct peer *peer;
	struct endpoint *endpoint; /* to be alarmed when the domain goes */
	struct peer_link *next;
	bool gone;    /* so is the domain */
	size_t pages; /* that the connection claims */
	struct peer_limits limits;
	enum cause over; /* which limit said no last */
};

/* -EDQUOT: over the limits, which also hold for what is claimed later. -ECONNRESET for a domain
 * that is already gone. */
int peer_join(struct platform *platform, unsigned domain, const struct peer_limits *limits,
	      struct peer_link *link, struct endpoint *endpoint);
void peer_leave(struct peer_link *link);

static inline bool peer_gone(const struct peer_link *link)
{
	return __atomic_load_n(&link->gone, __ATOMIC_ACQUIRE);
}

/* This domain itself was saved and restored since: nothing that was shared before is there. Asks
 * XenStore, as the watch may be yet to fire. */
bool peer_was_restored(const struct peer_link *link);
/* It was, as somebody found who watches for himself: all connections end. */
void peers_restored(const struct platform *platform);

/* Counts pages of this connection, or -EDQUOT: over the limits. Then all connections that the limit
 * is about are alarmed, now and again, as idle ones may have pages to give back. */
int peer_claim(struct peer_link *link, size_t pages);
void peer_unclaim(struct peer_link *link, size_t pages);

/* To be polled beside a connection's own descriptors; -1 when there is nothing to watch. */
int peer_fd(const struct peer_link *link);
/* Takes what that descriptor announces. */
void peer_drain(const struct peer_link *link);
/* When to do that again without an event: its domain's node could not be read. */
struct deadline peer_next_look(const struct peer_link *link);

#endif
