/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "platform/path.h"

#include <errno.h>
#include <string.h>

#include "platform/platform.h"

#include "../unit.h"

static void well_formed(void **state)
{
	static const char *const good[] = { "/", "/a", "/local/domain/0", "/a-b_c@D/9", "/-" };

	(void)state;
	for (size_t at = 0; at < COUNT(good); at++)
		assert_int_equal(path_check(good[at]), 0);
}

static void malformed(void **state)
{
	static const char *const bad[] = { "",      "a",     "a/b",   "//",   "/a/",  "/a//b",
					   "/a b",  "/a.b",  "/..",   "/a:b", "/a\n", "//a",
					   "/\xff", "/a/ b", "/a\tb", "/a%b", "@x",   " /a" };

	(void)state;
	for (size_t at = 0; at < COUNT(bad); at++)
		if (path_check(bad[at]) != -EINVAL)
			fail_msg("'%s' was taken", bad[at]);
}

static void length(void **state)
{
	char path[STORE_PATH_MAX + 1] = "/";

	(void)state;
	memset(path + 1, 'x', STORE_PATH_MAX - 1);
	assert_int_equal(path_check(path), -EINVAL);
	path[STORE_PATH_MAX - 1] = '\0';
	assert_int_equal(path_check(path), 0);
}

static void below(void **state)
{
	(void)state;
	assert_true(path_is_below("/a/b", "/a"));
	assert_true(path_is_below("/a/b", "/a/b"));
	assert_true(path_is_below("/a/b/c", "/a"));
	assert_true(path_is_below("/a", "/"));
	assert_true(path_is_below("/", "/"));
	assert_false(path_is_below("/ab", "/a"));
	assert_false(path_is_below("/a", "/a/b"));
	assert_false(path_is_below("/b", "/a"));
	assert_false(path_is_below("/", "/a"));
}

RUN(TEST(well_formed), TEST(malformed), TEST(length), TEST(below))
