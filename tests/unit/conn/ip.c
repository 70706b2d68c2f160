/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conn/ip.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

#include "../unit.h"

static struct ip from_text(const char *text)
{
	struct ip ip;

	assert_in_range(ip_from_text(text, &ip), 32, 128);
	return ip;
}

static void texts(void **state)
{
	static const char *const bad[] = {
		"",         "1",          "1.2.3",     "1.2.3.4.5", "256.1.1.1", "1.2.3.x",
		" 1.2.3.4", "1.2.3.4 ",   "0x1.2.3.4", "host",      ":",         "1:2",
		":::",      "fe80::1%lo", "[::1]",     "12345::",   "1.2.3.4/8"
	};
	struct ip ip;

	(void)state;
	assert_int_equal(ip_from_text("10.77.0.1", &ip), 32);
	assert_int_equal(ip.bits, 32);
	assert_memory_equal(ip.bytes, "\x0a\x4d\x00\x01", 4);
	assert_int_equal(ip_from_text("fd00::1", &ip), 128);
	assert_int_equal(ip.bits, 128);
	assert_memory_equal(ip.bytes, "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01", 16);
	for (size_t at = 0; at < COUNT(bad); at++)
		if (ip_from_text(bad[at], &ip) != -EINVAL)
			fail_msg("'%s' was taken", bad[at]);
}

static void a_mapped_address_is_v4(void **state)
{
	struct ip plain = from_text("10.77.0.1"), mapped;

	(void)state;
	assert_int_equal(ip_from_text("::ffff:10.77.0.1", &mapped), 128);
	assert_memory_equal(&mapped, &plain, sizeof plain);
	/* These only look similar. */
	assert_int_equal(from_text("::10.77.0.1").bits, 128);
	assert_int_equal(from_text("::ffff:0:10.77.0.1").bits, 128);
}

static void socket_addresses(void **state)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = 1 };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = 1, .sin6_scope_id = 3 };
	struct ip ip, expected = from_text("10.77.0.1");

	(void)state;
	assert_int_equal(inet_pton(AF_INET, "10.77.0.1", &v4.sin_addr), 1);
	assert_int_equal(ip_from_sockaddr((struct sockaddr *)&v4, sizeof v4, &ip), 0);
	assert_memory_equal(&ip, &expected, sizeof ip);
	assert_int_equal(inet_pton(AF_INET6, "::ffff:10.77.0.1", &v6.sin6_addr), 1);
	assert_int_equal(ip_from_sockaddr((struct sockaddr *)&v6, sizeof v6, &ip), 0);
	assert_memory_equal(&ip, &expected, sizeof ip);
	assert_int_equal(inet_pton(AF_INET6, "fd00::1", &v6.sin6_addr), 1);
	expected = from_text("fd00::1");
	assert_int_equal(ip_from_sockaddr((struct sockaddr *)&v6, sizeof v6, &ip), 0);
	assert_memory_equal(&ip, &expected, sizeof ip);
	/* Of RFC 2133, without a scope: the kernel takes them, too. */
	assert_int_equal(ip_from_sockaddr((struct sockaddr *)&v6, 24, &ip), 0);
	assert_memory_equal(&ip, &expected, sizeof ip);
}

static void socket_addresses_that_are_none(void **state)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	struct sockaddr_un path = { .sun_family = AF_UNIX };
	struct ip ip;

	(void)state;
	assert_int_equal(ip_from_sockaddr((struct sockaddr *)&v4, 0, &ip), -EINVAL);
	assert_int_equal(ip_from_sockaddr((struct sockaddr *)&v4, 1, &ip), -EINVAL);
	assert_int_equal(ip_from_sockaddr((struct sockaddr *)&v4, sizeof v4 - 1, &ip), -EINVAL);
	assert_int_equal(ip_from_sockaddr((struct sockaddr *)&v6, 23, &ip), -EINVAL);
	assert_int_equal(ip_from_sockaddr((struct sockaddr *)&path, sizeof path, &ip),
			 -EAFNOSUPPORT);
	path.sun_family = AF_UNSPEC;
	assert_int_equal(ip_from_sockaddr((struct sockaddr *)&path, sizeof path, &ip),
			 -EAFNOSUPPORT);
}

static void within(void **state)
{
	static const struct {
		const char *ip, *network;
		unsigned prefix;
		bool yes;
	} cases[] = {
		{ "10.77.0.1", "10.77.0.1", 32, true },   { "10.77.0.2", "10.77.0.1", 32, false },
		{ "10.77.0.3", "10.77.0.2", 31, true },   { "10.77.0.4", "10.77.0.2", 31, false },
		{ "10.77.255.1", "10.77.0.0", 16, true }, { "10.78.0.0", "10.77.0.0", 16, false },
		{ "10.77.1.1", "10.76.0.0", 15, true },   { "10.78.1.1", "10.76.0.0", 15, false },
		{ "255.1.2.3", "128.0.0.0", 1, true },    { "127.1.2.3", "128.0.0.0", 1, false },
		{ "1.2.3.4", "0.0.0.0", 0, true },        { "1.2.3.4", "::", 0, false },
		{ "::1", "0.0.0.0", 0, false },           { "fd00::1", "::", 0, true },
		{ "fd00::1", "fd00::1", 128, true },      { "fd00::1", "fd00::", 127, true },
		{ "fd00::2", "fd00::", 127, false },      { "fd00:0:0:1::", "fd00::", 63, true },
		{ "fd00:0:0:2::", "fd00::", 63, false },
	};

	(void)state;
	for (size_t at = 0; at < COUNT(cases); at++) {
		struct ip ip = from_text(cases[at].ip), network = from_text(cases[at].network);

		if (ip_within(&ip, &network, cases[at].prefix) != cases[at].yes)
			fail_msg("%s in %s/%u", cases[at].ip, cases[at].network, cases[at].prefix);
	}
}

static void ends(void **state)
{
	struct ip one = from_text("10.77.0.1"), even = from_text("10.76.0.0"),
		  six = from_text("8000::");

	(void)state;
	assert_true(ip_ends_at(&one, 32));
	assert_false(ip_ends_at(&one, 31));
	assert_true(ip_ends_at(&even, 14));
	assert_false(ip_ends_at(&even, 13));
	assert_true(ip_ends_at(&six, 1));
	assert_false(ip_ends_at(&six, 0));
}

static void node_names(void **state)
{
	static const struct {
		const char *text, *name;
	} cases[] = {
		{ "10.77.0.1", "10-77-0-1" },
		{ "255.255.255.255", "255-255-255-255" },
		{ "::ffff:10.77.0.1", "10-77-0-1" },
		{ "fd00::1", "fd00-0-0-0-0-0-0-1" },
		{ "::1.2.3.4", "0-0-0-0-0-0-102-304" },
		{ "FFFF:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
		  "ffff-ffff-ffff-ffff-ffff-ffff-ffff-ffff" },
	};
	char name[IP_NODE_SIZE];

	(void)state;
	for (size_t at = 0; at < COUNT(cases); at++) {
		struct ip ip = from_text(cases[at].text);

		ip_node_name(&ip, name);
		assert_string_equal(name, cases[at].name);
	}
}

RUN(TEST(texts), TEST(a_mapped_address_is_v4), TEST(socket_addresses),
    TEST(socket_addresses_that_are_none), TEST(within), TEST(ends), TEST(node_names))
