/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A local directory that cannot be: each call says so with an errno of xsock.h. */
#include <xsock/xsock.h>

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "../unit.h"

static void expect(const char *directory, int error)
{
	const struct xsock_options options = { .platform = "local" };

	setenv("XSOCK_LOCAL_DIR", directory, 1);
	assert_null(xsock_listen("echo", &options));
	assert_int_equal(errno, error);
	assert_null(xsock_connect("0/echo", &options));
	assert_int_equal(errno, error);
}

static void nothing_above(void **state)
{
	(void)state;
	expect("/dev/null/x", EACCES);
	expect("/proc/nothing/here", EIO);
	assert_non_null(strstr(xsock_last_error(), "/proc/nothing/here"));
}

static void a_file(void **state)
{
	(void)state;
	expect("/dev/null", EACCES);
}

static void a_name_too_long(void **state)
{
	char path[PATH_MAX] = "/dev/shm/";

	(void)state;
	memset(path + 9, 'x', NAME_MAX + 1);
	path[9 + NAME_MAX + 1] = '\0';
	expect(path, EIO);
}

RUN(TEST(nothing_above), TEST(a_file), TEST(a_name_too_long))
