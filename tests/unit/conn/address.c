/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conn/address.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../unit.h"

#define LONGEST "abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ_012345678" /* 63 */

static void well_formed(void **state)
{
	static const struct {
		const char *text;
		unsigned domain;
		const char *service;
	} good[] = { { "0/log", 0, "log" },
		     { "1/a", 1, "a" },
		     { "00012/x-y_z", 12, "x-y_z" },
		     { "32751/Z9", 32751, "Z9" },
		     { "7/" LONGEST, 7, LONGEST },
		     { "7/7", 7, "7" },
		     { "7/-", 7, "-" } };

	(void)state;
	for (size_t at = 0; at < COUNT(good); at++) {
		struct address address;

		assert_int_equal(address_parse(good[at].text, &address), 0);
		assert_int_equal(address.domain, good[at].domain);
		assert_string_equal(address.service, good[at].service);
	}
}

static void malformed(void **state)
{
	static const char *const bad[] = {
		"",
		"/",
		"0",
		"log",
		"0/",
		"/log",
		"0//log",
		"0/log/",
		"0/log/x",
		"-1/log",
		"+1/log",
		" 1/log",
		"1 /log",
		"1/ log",
		"1/log ",
		"0x1/log",
		"1a/log",
		"1/lo g",
		"1/l.g",
		"1/l@g",
		"1/l\xc3\xb6g",
		"1/log\n",
		"32752/log",
		"32768/log",
		"99999/log",
		"000001/log",
		"100000/log",
		"4294967296/log",
		"18446744073709551616/log",
		"1/" LONGEST "9",
	};
	struct address address;

	(void)state;
	for (size_t at = 0; at < COUNT(bad); at++)
		if (address_parse(bad[at], &address) != -EINVAL)
			fail_msg("'%s' was taken", bad[at]);
}

static void service_names(void **state)
{
	char name[2] = "";

	(void)state;
	for (int letter = 1; letter < 256; letter++) {
		bool fine = (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') ||
			    (letter >= 'A' && letter <= 'Z') || letter == '-' || letter == '_';

		name[0] = (char)letter;
		assert_int_equal(service_check(name), fine ? 0 : -EINVAL);
	}
	assert_int_equal(service_check(""), -EINVAL);
	assert_int_equal(service_check(LONGEST), 0);
	assert_int_equal(service_check(LONGEST "x"), -EINVAL);
}

static void paths(void **state)
{
	char path[STORE_PATH_MAX], request[STORE_PATH_MAX];

	(void)state;
	path_root(path, 3);
	assert_string_equal(path, "/local/domain/3/data/xsock");
	path_alive(path, 3);
	assert_string_equal(path, "/local/domain/3/data/xsock/alive");
	path_service(path, 3, "log");
	assert_string_equal(path, "/local/domain/3/data/xsock/service/log");
	path_requests(path, 3, "log", false, 12);
	assert_string_equal(path, "/local/domain/3/data/xsock/service/log/12");
	path_requests(path, 3, "log", true, 12);
	assert_string_equal(path, "/local/domain/3/data/xsock/service/log/any");
	path_request(request, path, 0xabc);
	assert_string_equal(request, "/local/domain/3/data/xsock/service/log/any/0000000000000abc");
}

static void the_longest_path_is_whole(void **state)
{
	char path[STORE_PATH_MAX], request[STORE_PATH_MAX];

	(void)state;
	path_requests(path, DOMAIN_MAX, LONGEST, false, DOMAIN_MAX);
	assert_non_null(strstr(path, LONGEST "/32751"));
	path_request(request, path, UINT64_MAX);
	assert_memory_equal(request, path, strlen(path));
	assert_string_equal(request + strlen(path), "/ffffffffffffffff");
}

RUN(TEST(well_formed), TEST(malformed), TEST(service_names), TEST(paths),
    TEST(the_longest_path_is_whole))
