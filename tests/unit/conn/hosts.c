/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conn/hosts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

#include "../unit.h"

static int parse(const char *text, struct hosts **hosts)
{
	char *copy = strdup(text);
	int error;

	assert_non_null(copy);
	error = hosts_parse(copy, strlen(text), "hosts", hosts);
	free(copy);
	return error;
}

/* -1: nobody. */
static long owner_of(const struct hosts *hosts, const char *address)
{
	unsigned owner;
	struct ip ip;

	assert_true(ip_from_text(address, &ip) > 0);
	return hosts_find(hosts, &ip, &owner) == 0 ? (long)owner : -1;
}

#define NOBODY (-1L)

static void lines_of_all_forms(void **state)
{
	struct hosts *hosts;

	(void)state;
	assert_int_equal(parse("# who is who\n"
			       "\n"
			       "10.0.0.1 1\n"
			       "  10.0.0.2\t\t2  # the second\r\n"
			       "10.0.0.3 0003#3\n"
			       "\t \n"
			       "10.0.0.4 self\n"
			       "10.0.0.5 none\n"
			       "fd00::6 6\n"
			       "10.0.0.7 32751",
			       &hosts),
			 0);
	assert_int_equal(owner_of(hosts, "10.0.0.1"), 1);
	assert_int_equal(owner_of(hosts, "10.0.0.2"), 2);
	assert_int_equal(owner_of(hosts, "10.0.0.3"), 3);
	assert_int_equal(owner_of(hosts, "10.0.0.4"), OWNER_SELF);
	assert_int_equal(owner_of(hosts, "10.0.0.5"), OWNER_NONE);
	assert_int_equal(owner_of(hosts, "fd00::6"), 6);
	assert_int_equal(owner_of(hosts, "10.0.0.7"), DOMAIN_MAX);
	assert_int_equal(owner_of(hosts, "10.0.0.8"), NOBODY);
	assert_int_equal(owner_of(hosts, "fd00::7"), NOBODY);
	free(hosts);
}

static void a_file_that_says_nothing(void **state)
{
	static const char *const texts[] = { "", "\n", "\n\n\n", "# nothing", "   \n\t", "\r\n" };

	(void)state;
	for (size_t at = 0; at < COUNT(texts); at++) {
		struct hosts *hosts;

		assert_int_equal(parse(texts[at], &hosts), 0);
		assert_int_equal(owner_of(hosts, "0.0.0.0"), NOBODY);
		assert_int_equal(owner_of(hosts, "::"), NOBODY);
		free(hosts);
	}
}

static void the_longest_prefix_decides(void **state)
{
	struct hosts *hosts;

	(void)state;
	assert_int_equal(parse("0.0.0.0/0 none\n"
			       "10.77.0.0/24 24\n"
			       "10.77.0.5 5\n"
			       "10.0.0.0/8 8\n"
			       "10.77.0.4/30 30\n",
			       &hosts),
			 0);
	assert_int_equal(owner_of(hosts, "10.77.0.5"), 5);
	assert_int_equal(owner_of(hosts, "10.77.0.6"), 30);
	assert_int_equal(owner_of(hosts, "10.77.0.8"), 24);
	assert_int_equal(owner_of(hosts, "10.78.0.8"), 8);
	assert_int_equal(owner_of(hosts, "11.0.0.1"), OWNER_NONE);
	/* Of the other family nothing was said. */
	assert_int_equal(owner_of(hosts, "::1"), NOBODY);
	free(hosts);
}

static void v6_and_mapped(void **state)
{
	struct hosts *hosts;

	(void)state;
	assert_int_equal(parse("::/0 1\n"
			       "fd00::/8 2\n"
			       "fd00:1::/32 3\n"
			       "::ffff:10.0.0.1 4\n"
			       "::ffff:10.1.0.0/112 5\n"
			       "10.2.0.0/16 6\n",
			       &hosts),
			 0);
	assert_int_equal(owner_of(hosts, "2001:db8::1"), 1);
	assert_int_equal(owner_of(hosts, "fd01::1"), 2);
	assert_int_equal(owner_of(hosts, "fd00:1::1"), 3);
	assert_int_equal(owner_of(hosts, "10.0.0.1"), 4);
	assert_int_equal(owner_of(hosts, "10.1.2.3"), 5);
	assert_int_equal(owner_of(hosts, "::ffff:10.2.3.4"), 6);
	/* ::/0 is not about IPv4. */
	assert_int_equal(owner_of(hosts, "10.3.0.0"), NOBODY);
	free(hosts);
}

/* What is wrong is told with its line, and why. */
static void malformed_lines(void **state)
{
	static const struct {
		const char *text;
		unsigned line;
		const char *why;
	} bad[] = {
		{ "10.0.0.1", 1, "a line is an address and a domain" },
		{ "\n10.0.0.1 # 1\n", 2, "a line is an address and a domain" },
		{ "10.0.0.1 1 2", 1, "a line is an address and a domain" },
		{ "10.0.0.1 1\n10.0.0.2 1 name\n", 2, "a line is an address and a domain" },
		{ "guest 1", 1, "'guest' is not an IPv4" },
		{ "10.0.0 1", 1, "'10.0.0' is not an IPv4" },
		{ "1 10.0.0.1", 1, "'1' is not an IPv4" },
		{ "10.0.0.1 -1", 1, "'-1' is not a domain" },
		{ "10.0.0.1 +1", 1, "'+1' is not a domain" },
		{ "10.0.0.1 0x1", 1, "'0x1' is not a domain" },
		{ "10.0.0.1 1a", 1, "'1a' is not a domain" },
		{ "10.0.0.1 32752", 1, "'32752' is not a domain" },
		{ "10.0.0.1 4294967297", 1, "is not a domain" },
		{ "10.0.0.1 18446744073709551617", 1, "is not a domain" },
		{ "10.0.0.1 Self", 1, "'Self' is not a domain" },
		{ "10.0.0.1 nobody", 1, "'nobody' is not a domain" },
		{ "10.0.0.0/33 1", 1, "'/33' is not a prefix from /0 to /32" },
		{ "10.0.0.0/ 1", 1, "'/' is not a prefix" },
		{ "10.0.0.0/-8 1", 1, "'/-8' is not a prefix" },
		{ "10.0.0.0/8/8 1", 1, "'/8/8' is not a prefix" },
		{ "10.0.0.0/255.0.0.0 1", 1, "is not a prefix" },
		{ "fd00::/129 1", 1, "'/129' is not a prefix from /0 to /128" },
		{ "::ffff:10.0.0.0/24 1", 1, "'/24' is not a prefix from /96 to /128" },
		{ "10.0.0.1/24 1", 1, "has bits beyond its prefix, /24" },
		{ "fd00::1/64 1", 1, "has bits beyond its prefix, /64" },
		{ "::ffff:10.0.0.1/120 1", 1, "has bits beyond its prefix, /120" },
		{ "10.0.0.1 1\n\n#\n10.0.0.1 2\n", 4, "line 1 gives this to somebody else" },
		{ "10.0.0.0/8 1\n10.0.0.1 9\n10.0.0.0/8 none\n", 3, "line 1 gives this to" },
		{ "10.0.0.1 self\n::ffff:10.0.0.1 1\n", 2, "line 1 gives this to" },
	};
	struct hosts *hosts;

	(void)state;
	for (size_t at = 0; at < COUNT(bad); at++) {
		char start[32];

		if (parse(bad[at].text, &hosts) != -EINVAL)
			fail_msg("'%s' was taken", bad[at].text);
		snprintf(start, sizeof start, "hosts, line %u: ", bad[at].line);
		if (strncmp(last_failure(), start, strlen(start)) != 0 ||
		    strstr(last_failure(), bad[at].why) == NULL)
			fail_msg("of '%s' it says: %s", bad[at].text, last_failure());
	}
}

static void the_same_twice_is_no_clash(void **state)
{
	struct hosts *hosts;

	(void)state;
	assert_int_equal(
		parse("10.0.0.1 1\n10.0.0.0/8 2\n10.0.0.1 1\n0.0.0.0/0 3\n::/0 4\n", &hosts), 0);
	assert_int_equal(owner_of(hosts, "10.0.0.1"), 1);
	free(hosts);
}

static void a_zero_byte(void **state)
{
	char text[] = "10.0.0.1 1\n\0 10.0.0.2 2\n";
	struct hosts *hosts;

	(void)state;
	assert_int_equal(hosts_parse(text, sizeof text - 1, "hosts", &hosts), -EINVAL);
}

static void many_lines(void **state)
{
	char *text = malloc(65536 * 24), *at = text;
	struct hosts *hosts;

	(void)state;
	assert_non_null(text);
	for (unsigned i = 0; i < 65536; i++)
		at += sprintf(at, "10.7.%u.%u %u\n", i / 256, i % 256, i % 32000);
	assert_int_equal(parse(text, &hosts), 0);
	assert_int_equal(owner_of(hosts, "10.7.0.0"), 0);
	assert_int_equal(owner_of(hosts, "10.7.255.255"), 65535 % 32000);
	assert_int_equal(owner_of(hosts, "10.8.0.0"), NOBODY);
	free(hosts);
	free(text);
}

RUN(TEST(lines_of_all_forms), TEST(a_file_that_says_nothing), TEST(the_longest_prefix_decides),
    TEST(v6_and_mapped), TEST(malformed_lines), TEST(the_same_twice_is_no_clash), TEST(a_zero_byte),
    TEST(many_lines))
