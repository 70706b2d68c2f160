/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Addresses as the commands write them; above all, as the library will look for them. */
#include "inet.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "conn/ip.h"

#include "../unit.h"

static void texts_and_nodes(void **state)
{
	static const struct {
		const char *text, *node, *shown;
	} cases[] = {
		{ "10.77.0.1", "10-77-0-1", "10.77.0.1" },
		{ "::ffff:10.77.0.1", "10-77-0-1", "10.77.0.1" },
		{ "FD00:0::1", "fd00-0-0-0-0-0-0-1", "fd00::1" },
		{ "2001:db8:1:2:3:4:5:6", "2001-db8-1-2-3-4-5-6", "2001:db8:1:2:3:4:5:6" },
		{ "::", "0-0-0-0-0-0-0-0", "::" },
	};

	(void)state;
	for (size_t at = 0; at < COUNT(cases); at++) {
		char node[INET_TEXT], text[INET_TEXT];
		struct inet inet, again;

		assert_true(inet_parse(cases[at].text, &inet));
		inet_to_node(&inet, node);
		assert_string_equal(node, cases[at].node);
		assert_string_equal(inet_text(&inet, text), cases[at].shown);
		assert_true(inet_from_node(node, &again));
		assert_int_equal(inet_compare(&inet, &again), 0);
	}
}

static void what_is_no_node(void **state)
{
	static const char *const bad[] = { "",
					   "x",
					   "10.77.0.1",
					   "10-77-0",
					   "10-77-0-1-2",
					   "10-77-0-256",
					   "10-77-0-01",
					   "-10-77-0",
					   "fd00::1",
					   "fd00-0-0-0-0-0-0-01",
					   "FD00-0-0-0-0-0-0-1",
					   "fd00--1",
					   "0-0-0-0-0-ffff-a4d-1",
					   "0000-0000-0000-0000-0000-0000-0000-0000-0000-0000-0" };
	struct inet inet;

	(void)state;
	for (size_t at = 0; at < COUNT(bad); at++)
		if (inet_from_node(bad[at], &inet))
			fail_msg("'%s' was taken", bad[at]);
}

/* The library and the command come to the same name, or nobody would find anything. */
static void the_library_has_the_same_names(void **state)
{
	(void)state;
	srandom(1);
	for (unsigned round = 0; round < 20000; round++) {
		struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
		char ours[INET_TEXT], its[IP_NODE_SIZE];
		struct sockaddr *address = (struct sockaddr *)&v6;
		struct inet inet;
		struct ip ip;

		for (unsigned at = 0; at < 16; at++)
			v6.sin6_addr.s6_addr[at] = random() % 3 ? (uint8_t)random() : 0;
		if (round % 3 == 0)
			memcpy(v6.sin6_addr.s6_addr, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
		if (round % 3 == 1)
			v6.sin6_family = AF_INET;
		assert_true(inet_from_sockaddr(address, &inet));
		assert_int_equal(ip_from_sockaddr(address, sizeof v6, &ip), 0);
		inet_to_node(&inet, ours);
		ip_node_name(&ip, its);
		assert_string_equal(ours, its);
	}
}

static void the_order(void **state)
{
	static const char *const texts[] = { "1.2.3.4", "1.2.3.5", "2.0.0.0", "255.255.255.255",
					     "::",      "::1",     "1::",     "ffff::" };
	struct inet one, other;

	(void)state;
	for (size_t at = 0; at < COUNT(texts); at++)
		for (size_t to = 0; to < COUNT(texts); to++) {
			int order;

			assert_true(inet_parse(texts[at], &one) && inet_parse(texts[to], &other));
			order = inet_compare(&one, &other);
			assert_int_equal((order > 0) - (order < 0), (at > to) - (at < to));
		}
}

static void what_is_unfit(void **state)
{
	static const char *const fit[] = { "10.0.0.1",  "223.255.255.255", "169.253.1.1",
					   "126.0.0.1", "fd00::1",         "2001:db8::1",
					   "::2" };
	static const char *const unfit[] = { "0.0.0.0",     "127.0.0.1",       "127.255.0.1",
					     "169.254.0.1", "224.0.0.1",       "239.1.1.1",
					     "240.0.0.1",   "255.255.255.255", "::",
					     "::1",         "fe80::1",         "febf::1",
					     "ff02::1",     "::ffff:127.0.0.1" };
	struct inet inet;

	(void)state;
	for (size_t at = 0; at < COUNT(fit); at++)
		assert_true(inet_parse(fit[at], &inet) && inet_unfit(&inet) == NULL);
	for (size_t at = 0; at < COUNT(unfit); at++)
		assert_true(inet_parse(unfit[at], &inet) && inet_unfit(&inet) != NULL);
}

RUN(TEST(texts_and_nodes), TEST(what_is_no_node), TEST(the_library_has_the_same_names),
    TEST(the_order), TEST(what_is_unfit))
