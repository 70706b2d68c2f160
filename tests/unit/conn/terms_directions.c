/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which way bytes go, for every pair of wishes; what one end computes mirrors the other's. */
#include "conn/terms.h"

#include "../unit.h"

#define CLASHES -1
#define AUTO DIRECTION_AUTO
#define TWO DIRECTION_TWO_WAY
#define ONE DIRECTION_ONE_WAY
#define SEND DIRECTION_SEND
#define RECV DIRECTION_RECV

/* What this end gets, by its wish (row) and the peer's: auto, two-way, one-way, send, recv. */
static const int agreed[5][5] = {
	[AUTO] = { TWO, TWO, ONE, RECV, SEND },
	[TWO] = { TWO, TWO, CLASHES, CLASHES, CLASHES },
	[ONE] = { ONE, CLASHES, ONE, RECV, SEND },
	[SEND] = { SEND, CLASHES, SEND, CLASHES, SEND },
	[RECV] = { RECV, CLASHES, RECV, RECV, CLASHES },
};

static const int mirror[5] = { AUTO, TWO, ONE, RECV, SEND };

static void expect(int mine, int theirs, bool own_listens)
{
	struct wishes own = { .domain = 1, .direction = (enum direction_wish)mine };
	struct wishes peer = { .domain = 2, .direction = (enum direction_wish)theirs };
	struct terms here, there;
	enum terms_clash clash = terms_agree(&own, &peer, own_listens, &here);

	assert_int_equal(clash, agreed[mine][theirs] == CLASHES ? CLASH_DIRECTION : CLASH_NONE);
	assert_int_equal(terms_agree(&peer, &own, !own_listens, &there), clash);
	if (clash != CLASH_NONE)
		return;
	assert_int_equal(here.direction, agreed[mine][theirs]);
	assert_int_equal(there.direction, mirror[here.direction]);
}

static void every_pair(void **state)
{
	(void)state;
	for (int mine = 0; mine < 5; mine++)
		for (int theirs = 0; theirs < 5; theirs++) {
			expect(mine, theirs, true);
			expect(mine, theirs, false);
		}
}

/* The roles are told first, when both clash. */
static void roles_come_first(void **state)
{
	struct wishes own = { .domain = 1, .role = ROLE_MAP, .direction = DIRECTION_SEND };
	struct wishes peer = { .domain = 2, .role = ROLE_MAP, .direction = DIRECTION_SEND };
	struct terms terms;

	(void)state;
	assert_int_equal(terms_agree(&own, &peer, true, &terms), CLASH_ROLE);
	peer.role = ROLE_GRANT;
	assert_int_equal(terms_agree(&own, &peer, true, &terms), CLASH_DIRECTION);
}

RUN(TEST(every_pair), TEST(roles_come_first))
