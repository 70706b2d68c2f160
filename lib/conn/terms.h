/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What two ends wish, and what comes of it. Both ends compute this with the same functions. */
#ifndef XSOCK_CONN_TERMS_H
#define XSOCK_CONN_TERMS_H

#include <stdbool.h>
#include <stdint.h>

/* Numbers go over the wire and equal the public enum's. */
enum role_wish { ROLE_AUTO = 0, ROLE_GRANT = 1, ROLE_MAP = 2 };

enum direction_wish {
	DIRECTION_AUTO = 0,
	DIRECTION_TWO_WAY = 1,
	DIRECTION_ONE_WAY = 2,
	DIRECTION_SEND = 3,
	DIRECTION_RECV = 4,
};

#define RING_BYTES_MIN 4096u
#define RING_BYTES_DEFAULT 65536u
#define RING_BYTES_MAX (64u << 20)
#define RING_BYTES_START 16384u

/* One end's side of it. */
struct wishes {
	unsigned domain;
	enum role_wish role;
	enum direction_wish direction;
	uint64_t send; /* ring bytes, a power of two, or 0 */
	uint64_t recv;
	uint64_t max;   /* of a ring whose size only the other end names; this end's business */
	bool grows;     /* knows what the two below mean */
	uint64_t start; /* ring bytes at first, a power of two, or 0 */
	uint64_t grow;  /* of a ring whose size nobody names */
};

/* What was agreed, as one end sees it. */
struct terms {
	bool grants;
	enum direction_wish direction; /* TWO_WAY, ONE_WAY (to be settled), SEND or RECV */
	/* Bytes of the pages of each direction, at most. One-way to be settled: all in send, none
	 * in recv. */
	uint64_t send;
	uint64_t recv;
	/* At first; where they are less the ring may grow. */
	uint64_t send_start;
	uint64_t recv_start;
};

enum terms_clash { CLASH_NONE, CLASH_ROLE, CLASH_DIRECTION };

/* What the two agree on, or in what they clash, with a sentence; `own_listens` says who is who. */
enum terms_clash terms_agree(const struct wishes *own, const struct wishes *peer, bool own_listens,
			     struct terms *terms);

/* What a peer may say: a power of two of whole pages up to the limit, or 0. */
bool ring_bytes_valid(uint64_t bytes);
/* Up to a power of two of whole pages; 0 stays 0. -EINVAL over the limit. */
int ring_bytes_round(uint64_t wished, uint64_t *bytes);

#endif
