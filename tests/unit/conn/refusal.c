/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every refusal is counted by its cause, and told in a sentence that names the option. */
#include "conn/refusal.h"

#include <string.h>

#include "conn/listener.h"

#include "../unit.h"

static struct listener listener;

static int set_up(void **state)
{
	(void)state;
	listener = (struct listener){
		.limits = { .backlog = 101,
			    .domain_backlog = 102,
			    .rate = 103,
			    .domain_rate = 104,
			    .ring_bytes = 105,
			    .shared = { .domain_connections = 106,
					.connections = 107,
					.domain_pages = 1,
					.pages = 2 } },
	};
	return 0;
}

static void each_limit_and_its_option(void **state)
{
	static const struct {
		enum cause cause;
		enum refusal reason;
		const char *option, *limit;
	} limits[] = {
		{ CAUSE_DOMAIN_BACKLOG, REFUSED_BUSY, "option max_domain_backlog", "102" },
		{ CAUSE_BACKLOG, REFUSED_BUSY, "option backlog", "101" },
		{ CAUSE_DOMAIN_RATE, REFUSED_BUSY, "option max_domain_rate", "104" },
		{ CAUSE_RATE, REFUSED_BUSY, "option max_rate", "103" },
		{ CAUSE_DOMAIN_CONNECTIONS, REFUSED_LIMIT, "option max_domain_connections", "106" },
		{ CAUSE_CONNECTIONS, REFUSED_LIMIT, "option max_connections", "107" },
		{ CAUSE_DOMAIN_BYTES, REFUSED_LIMIT, "option max_domain_bytes", "4096" },
		{ CAUSE_BYTES, REFUSED_LIMIT, "option max_bytes", "8192" },
		{ CAUSE_RING, REFUSED_LIMIT, "option max_ring", "105" },
	};

	(void)state;
	for (size_t at = 0; at < COUNT(limits); at++) {
		refusal_note(&listener, 7, limits[at].cause, NULL);
		assert_int_equal(listener.refusals.count[limits[at].cause], 1);
		assert_int_equal(listener.refusals.total, at + 1);
		assert_int_equal(listener.refusals.last, limits[at].cause);
		assert_int_equal(listener.refusals.domain, 7);
		assert_non_null(strstr(listener.refusals.text, "domain 7"));
		assert_non_null(strstr(listener.refusals.text, limits[at].option));
		assert_non_null(strstr(listener.refusals.text, limits[at].limit));
		assert_non_null(
			strstr(cause_told(limits[at].cause, limits[at].reason), limits[at].option));
	}
}

/* A cause says more than a reason, but not something else; and the peer may write anything. */
static void what_does_not_fit_is_not_told(void **state)
{
	(void)state;
	assert_null(cause_told(CAUSE_RATE, REFUSED_LIMIT));
	assert_null(cause_told(CAUSE_NONE, REFUSED_NONE));
	assert_null(cause_told(CAUSE_UNFINISHED, REFUSED_NONE));
	assert_null(cause_told(CAUSE_COUNT, REFUSED_BUSY));
	assert_null(cause_told(UINT64_MAX, REFUSED_BUSY));
}

static void the_longest_sentence_fits(void **state)
{
	char detail[2 * REFUSAL_TEXT];

	(void)state;
	memset(detail, 'x', sizeof detail);
	detail[sizeof detail - 1] = '\0';
	refusal_note(&listener, DOMAIN_MAX + 1, CAUSE_PAGES, detail);
	assert_int_equal(strlen(listener.refusals.text), REFUSAL_TEXT - 1);
	assert_non_null(strstr(listener.refusals.text, "unknown domain"));
	for (int cause = 1; cause < CAUSE_COUNT; cause++) {
		refusal_note(&listener, DOMAIN_MAX, (enum cause)cause, NULL);
		assert_true(strlen(listener.refusals.text) < REFUSAL_TEXT - 20);
	}
}

#define FRESH(name) cmocka_unit_test_setup(name, set_up)

RUN(FRESH(each_limit_and_its_option), FRESH(what_does_not_fit_is_not_told),
    FRESH(the_longest_sentence_fits))
