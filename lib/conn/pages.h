/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The memory of one connection: a control page and the pages of its rings, granted or mapped. */
#ifndef XSOCK_CONN_PAGES_H
#define XSOCK_CONN_PAGES_H

#include "conn/references.h"
#include "platform/platform.h"
#include "ring/layout.h"

/* What both ends know before they share anything. */
struct pages_plan {
	unsigned peer;
	uint64_t nonce;
	bool one_way;           /* not settled: the pages of direction 0 serve either direction */
	uint64_t ring_bytes[2]; /* GRANTER_TO_MAPPER, MAPPER_TO_GRANTER */
};

struct pages {
	struct platform *platform;
	bool granted;
	struct control_page *control;
	/* Each direction's pages; the mapper may only read those it does not write. */
	void *ring[2];
	size_t ring_pages[2];
	struct reference_index index;
};

/* Grants all, fills the control page; `reference` is that page's. Nothing is left on failure. */
int pages_grant(struct pages *pages, struct platform *platform, const struct pages_plan *plan,
		struct channel *channel, uint32_t *reference);

/* Maps what the peer granted and checks that it is what the plan says; does not yet say hello. */
int pages_map(struct pages *pages, struct platform *platform, const struct pages_plan *plan,
	      struct channel *channel, uint32_t reference);

/* The mapper's sign that it has everything, and the granter's look at it. */
void pages_say_hello(struct pages *pages, uint64_t nonce);
/* 1 it said so, 0 not yet, -EPROTO it said something else. */
int pages_heard_hello(const struct pages *pages, uint64_t nonce);

/* The other end's sign of life. */
static inline const struct control_life *pages_peer_life(const struct pages *pages)
{
	return pages->granted ? &pages->control->mapper : &pages->control->granter;
}

/* Some pages of a ring, which a granter overwrites first when it is to `wipe` them. */
void pages_give_back(const struct pages *pages, void *address, size_t count, bool wipe);

/* Gives everything back. Bytes that the peer has not read yet stay readable for it; what nobody is
 * to read any more (`wipe`) is overwritten by a granter first. */
void pages_release(struct pages *pages, bool wipe);
/* The same in a domain that was restored from a save, but for the control page, which stays mapped:
 * letting it go would end whatever event channel has its port's number by now. */
void pages_leave(struct pages *pages);

#endif
