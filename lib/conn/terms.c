/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conn/terms.h"

#include "base/error.h"

int ring_bytes_round(uint64_t wished, uint64_t *bytes)
{
	if (wished > RING_BYTES_MAX)
		return fail(EINVAL, "a ring of %llu bytes is over the limit, %u",
			    (unsigned long long)wished, RING_BYTES_MAX);
	*bytes = wished == 0 ? 0 : RING_BYTES_MIN;
	while (*bytes < wished)
		*bytes *= 2;
	return 0;
}

bool ring_bytes_valid(uint64_t bytes)
{
	if (bytes == 0)
		return true;
	return bytes >= RING_BYTES_MIN && bytes <= RING_BYTES_MAX && (bytes & (bytes - 1)) == 0;
}

/* Domain 0 is trusted by all and trusts nobody: left to itself it maps. */
static enum role_wish role_of(const struct wishes *one, const struct wishes *other)
{
	if (one->role == ROLE_AUTO && one->domain == 0 && other->domain != 0)
		return ROLE_MAP;
	return one->role;
}

static int agree_roles(const struct wishes *own, const struct wishes *peer, bool own_listens,
		       bool *grants)
{
	enum role_wish mine = role_of(own, peer);
	enum role_wish theirs = role_of(peer, own);

	if (mine != ROLE_AUTO && mine == theirs)
		return fail(EOPNOTSUPP, "both ends want to %s the pages: domain %u and domain %u%s",
			    mine == ROLE_GRANT ? "grant" : "map", own->domain, peer->domain,
			    own->domain == 0 || peer->domain == 0
				    ? " (domain 0 maps unless told otherwise)"
				    : "");
	if (mine != ROLE_AUTO)
		*grants = mine == ROLE_GRANT;
	else if (theirs != ROLE_AUTO)
		*grants = theirs == ROLE_MAP;
	else
		*grants = own_listens;
	return 0;
}

/* The peer's direction seen from this end. */
static enum direction_wish mirrored(enum direction_wish direction)
{
	if (direction == DIRECTION_SEND)
		return DIRECTION_RECV;
	if (direction == DIRECTION_RECV)
		return DIRECTION_SEND;
	return direction;
}

static bool is_one_way(enum direction_wish direction)
{
	return direction >= DIRECTION_ONE_WAY;
}

static int agree_directions(enum direction_wish mine, enum direction_wish theirs,
			    enum direction_wish *agreed)
{
	theirs = mirrored(theirs);
	if (mine == DIRECTION_AUTO && theirs == DIRECTION_AUTO)
		*agreed = DIRECTION_TWO_WAY;
	else if (mine == DIRECTION_AUTO || mine == theirs)
		*agreed = theirs;
	else if (theirs == DIRECTION_AUTO)
		*agreed = mine;
	else if (is_one_way(mine) != is_one_way(theirs))
		return fail(EOPNOTSUPP, "one end wants both directions, the other only one");
	else if (mine == DIRECTION_ONE_WAY)
		*agreed = theirs;
	else if (theirs == DIRECTION_ONE_WAY)
		*agreed = mine;
	else
		return fail(EOPNOTSUPP, "both ends want to %s on a one-way connection",
			    mine == DIRECTION_SEND ? "send" : "receive");
	return 0;
}

static uint64_t smaller(uint64_t one, uint64_t other)
{
	return one < other ? one : other;
}

/* The smaller of two wishes; 0 is none. */
static uint64_t agree_size(uint64_t mine, uint64_t theirs, uint64_t unnamed)
{
	if (mine == 0 && theirs == 0)
		return unnamed;
	if (mine == 0 || theirs == 0)
		return mine + theirs;
	return smaller(mine, theirs);
}

/* Whoever names a size and no other to start with wants it from the start. */
static uint64_t start_of(const struct wishes *wishes, uint64_t named)
{
	if (wishes->start != 0)
		return wishes->start;
	return named != 0 ? named : RING_BYTES_START;
}

/* The larger start, as whoever wants it has a reason for it. */
static uint64_t agree_start(const struct wishes *own, uint64_t mine, const struct wishes *peer,
			    uint64_t theirs, uint64_t largest)
{
	uint64_t one = start_of(own, mine), other = start_of(peer, theirs);

	return smaller(one > other ? one : other, largest);
}

/* Rings whose direction is left open serve either, which a ring in two sizes could not. */
static bool agree_growth(const struct wishes *own, const struct wishes *peer,
			 enum direction_wish direction)
{
	return own->grows && peer->grows && direction != DIRECTION_ONE_WAY;
}

static void agree_sizes(const struct wishes *own, const struct wishes *peer, struct terms *terms)
{
	bool grow = agree_growth(own, peer, terms->direction);
	uint64_t unnamed = grow ? smaller(own->grow, peer->grow) : RING_BYTES_DEFAULT;

	terms->send = terms->send_start = agree_size(own->send, peer->recv, unnamed);
	terms->recv = terms->recv_start = agree_size(own->recv, peer->send, unnamed);
	if (!grow)
		return;
	terms->send_start = agree_start(own, own->send, peer, peer->recv, terms->send);
	terms->recv_start = agree_start(own, own->recv, peer, peer->send, terms->recv);
}

enum terms_clash terms_agree(const struct wishes *own, const struct wishes *peer, bool own_listens,
			     struct terms *terms)
{
	if (agree_roles(own, peer, own_listens, &terms->grants) != 0)
		return CLASH_ROLE;
	if (agree_directions(own->direction, peer->direction, &terms->direction) != 0)
		return CLASH_DIRECTION;
	agree_sizes(own, peer, terms);
	if (terms->direction == DIRECTION_SEND) {
		terms->recv = terms->recv_start = 0;
	} else if (terms->direction == DIRECTION_RECV) {
		terms->send = terms->send_start = 0;
	} else if (terms->direction == DIRECTION_ONE_WAY) {
		/* Whoever looks must get the same number: the smaller of what either direction
		 * would be. */
		terms->send = terms->send_start = smaller(terms->send, terms->recv);
		terms->recv = terms->recv_start = 0;
	}
	return CLASH_NONE;
}
