/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who grants: every pair of wishes, either listening, with and without domain 0. */
#include "conn/terms.h"

#include <string.h>

#include "base/error.h"
#include "../unit.h"

/* Expected of the listener, by its wish (row) and the connector's: auto, grant, map. */
enum { GRANTS, MAPS, CLASHES };

static const int between_guests[3][3] = {
	{ GRANTS, MAPS, GRANTS },
	{ GRANTS, CLASHES, GRANTS },
	{ MAPS, MAPS, CLASHES },
};
/* Domain 0 listens: its auto is map. */
static const int zero_listens[3][3] = {
	{ MAPS, MAPS, CLASHES },
	{ GRANTS, CLASHES, GRANTS },
	{ MAPS, MAPS, CLASHES },
};
/* Domain 0 connects. */
static const int zero_connects[3][3] = {
	{ GRANTS, MAPS, GRANTS },
	{ GRANTS, CLASHES, GRANTS },
	{ CLASHES, MAPS, CLASHES },
};

static void expect(unsigned listening, unsigned connecting, const int table[3][3])
{
	for (int mine = 0; mine < 3; mine++)
		for (int theirs = 0; theirs < 3; theirs++) {
			struct wishes listener = { .domain = listening,
						   .role = (enum role_wish)mine };
			struct wishes connector = { .domain = connecting,
						    .role = (enum role_wish)theirs };
			struct terms one, other;
			enum terms_clash clash = terms_agree(&listener, &connector, true, &one);

			assert_int_equal(clash,
					 table[mine][theirs] == CLASHES ? CLASH_ROLE : CLASH_NONE);
			assert_int_equal(terms_agree(&connector, &listener, false, &other), clash);
			if (clash != CLASH_NONE)
				continue;
			assert_int_equal(one.grants, table[mine][theirs] == GRANTS);
			assert_int_equal(other.grants, !one.grants);
		}
}

static void guests(void **state)
{
	(void)state;
	expect(1, 2, between_guests);
	expect(2, 1, between_guests);
	expect(5, 5, between_guests);
}

static void domain_0(void **state)
{
	(void)state;
	expect(0, 7, zero_listens);
	expect(7, 0, zero_connects);
	/* With itself (the local platform) it is a domain like any other. */
	expect(0, 0, between_guests);
}

static void a_clash_has_a_sentence(void **state)
{
	struct wishes own = { .domain = 0, .role = ROLE_AUTO };
	struct wishes peer = { .domain = 4, .role = ROLE_MAP };
	struct terms terms;

	(void)state;
	assert_int_equal(terms_agree(&own, &peer, true, &terms), CLASH_ROLE);
	assert_non_null(strstr(last_failure(), "both ends want to map"));
	assert_non_null(strstr(last_failure(), "domain 0 maps unless"));
	own.domain = 3;
	own.role = peer.role = ROLE_GRANT;
	assert_int_equal(terms_agree(&own, &peer, true, &terms), CLASH_ROLE);
	assert_non_null(strstr(last_failure(), "both ends want to grant"));
	assert_null(strstr(last_failure(), "domain 0"));
}

RUN(TEST(guests), TEST(domain_0), TEST(a_clash_has_a_sentence))
