/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who gets an address that more than one domain claims: none. */
#include "claims.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit.h"

static char disputes[512];

static void note_dispute(const struct claim *one, const struct claim *other)
{
	char text[INET_TEXT];
	size_t used = strlen(disputes);

	snprintf(disputes + used, sizeof disputes - used, "%s:%u/%u ",
		 inet_text(&one->address, text), one->domain, other->domain);
}

static void add(struct claims *claims, const char *text, unsigned domain)
{
	struct inet inet;

	assert_true(inet_parse(text, &inet));
	assert_true(claims_add(claims, &inet, domain));
}

/* -1: nobody. */
static long owner(const struct claims *claims, const char *text)
{
	const struct claim *claim;
	struct inet inet;

	assert_true(inet_parse(text, &inet));
	claim = claims_find(claims, &inet);
	return claim ? (long)claim->domain : -1;
}

static void settled(void **state)
{
	struct claims claims = { 0 };

	(void)state;
	disputes[0] = '\0';
	add(&claims, "10.0.0.3", 3);
	add(&claims, "10.0.0.1", 1);
	add(&claims, "fd00::1", 1);
	add(&claims, "10.0.0.2", 2);
	/* Two devices, one guest. */
	add(&claims, "10.0.0.1", 1);
	/* Disputed, whoever comes first and however often. */
	add(&claims, "10.0.0.9", 5);
	add(&claims, "10.0.0.9", 4);
	add(&claims, "10.0.0.9", 5);
	add(&claims, "::ffff:10.0.0.2", 0);
	claims_settle(&claims, note_dispute);
	assert_int_equal(claims.count, 3);
	assert_int_equal(owner(&claims, "10.0.0.1"), 1);
	assert_int_equal(owner(&claims, "10.0.0.2"), -1);
	assert_int_equal(owner(&claims, "10.0.0.3"), 3);
	assert_int_equal(owner(&claims, "10.0.0.9"), -1);
	assert_int_equal(owner(&claims, "fd00::1"), 1);
	assert_string_equal(disputes, "10.0.0.2:0/2 10.0.0.9:4/5 ");
	claims_clear(&claims);
	assert_int_equal(owner(&claims, "10.0.0.1"), -1);
}

static void none(void **state)
{
	struct claims claims = { 0 };

	(void)state;
	claims_settle(&claims, note_dispute);
	assert_int_equal(claims.count, 0);
	assert_int_equal(owner(&claims, "10.0.0.1"), -1);
	claims_clear(&claims);
}

static void many(void **state)
{
	struct claims claims = { 0 };
	char text[INET_TEXT];

	(void)state;
	for (unsigned at = 0; at < 3000; at++) {
		snprintf(text, sizeof text, "10.1.%u.%u", at * 7 % 3000 / 250, at * 7 % 3000 % 250);
		add(&claims, text, at * 7 % 3000);
	}
	claims_settle(&claims, note_dispute);
	assert_int_equal(claims.count, 3000);
	for (unsigned at = 0; at < 3000; at++) {
		snprintf(text, sizeof text, "10.1.%u.%u", at / 250, at % 250);
		assert_int_equal(owner(&claims, text), at);
	}
	claims_clear(&claims);
}

RUN(TEST(settled), TEST(none), TEST(many))
