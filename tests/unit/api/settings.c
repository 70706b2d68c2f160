/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the public options mean, and which are refused. */
#include "api/socket.h"

#include <errno.h>
#include <limits.h>

#include "../unit.h"

static void expect_defaults(const struct xsock_options *options)
{
	struct settings settings;

	assert_int_equal(settings_from(options, &settings), 0);
	assert_int_equal(settings.wishes.role, ROLE_AUTO);
	assert_int_equal(settings.wishes.direction, DIRECTION_AUTO);
	assert_int_equal(settings.wishes.send, 0);
	assert_int_equal(settings.wishes.recv, 0);
	assert_int_equal(settings.limits.backlog, 128);
	assert_int_equal(settings.limits.domain_connections, 256);
	assert_int_equal(settings.limits.ring_bytes, 16 << 20);
	assert_int_equal(settings.connect_timeout, 5000);
	assert_int_equal(settings.send_timeout, 0);
	assert_int_equal(settings.recv_timeout, 0);
	assert_false(settings.nonblocking);
	assert_false(settings.await);
	assert_null(settings.allow);
	assert_int_equal(settings.allow_count, 0);
	assert_null(settings.platform);
}

static void defaults(void **state)
{
	const struct xsock_options zero = { 0 };

	(void)state;
	expect_defaults(NULL);
	expect_defaults(&zero);
}

static void everything_set(void **state)
{
	const unsigned allow[] = { 1, 2, 3 };
	const struct xsock_options options = { .role = XSOCK_ROLE_MAP,
					       .direction = XSOCK_DIR_RECV,
					       .send_ring = 5000,
					       .recv_ring = XSOCK_RING_MAX,
					       .connect_timeout = -1,
					       .send_timeout = 7,
					       .recv_timeout = INT_MAX,
					       .flags = XSOCK_NONBLOCK | XSOCK_AWAIT | XSOCK_NOSPIN,
					       .allow = allow,
					       .allow_count = COUNT(allow),
					       .backlog = 1,
					       .max_domain_connections = 2,
					       .max_ring = 70000,
					       .platform = "local" };
	struct settings settings;

	(void)state;
	assert_int_equal(settings_from(&options, &settings), 0);
	assert_int_equal(settings.wishes.role, ROLE_MAP);
	assert_int_equal(settings.wishes.direction, DIRECTION_RECV);
	assert_int_equal(settings.wishes.send, 8192);
	assert_int_equal(settings.wishes.recv, XSOCK_RING_MAX);
	assert_int_equal(settings.limits.backlog, 1);
	assert_int_equal(settings.limits.domain_connections, 2);
	assert_int_equal(settings.limits.ring_bytes, 65536);
	assert_false(settings.spins);
	assert_int_equal(settings.connect_timeout, -1);
	assert_int_equal(settings.send_timeout, 7);
	assert_int_equal(settings.recv_timeout, INT_MAX);
	assert_true(settings.nonblocking);
	assert_true(settings.await);
	assert_ptr_equal(settings.allow, allow);
	assert_int_equal(settings.allow_count, COUNT(allow));
	assert_string_equal(settings.platform, "local");
}

static void an_empty_list_is_a_list(void **state)
{
	const unsigned none[] = { 0 };
	const struct xsock_options options = { .allow = none };
	struct settings settings;

	(void)state;
	assert_int_equal(settings_from(&options, &settings), 0);
	assert_non_null(settings.allow);
	assert_int_equal(settings.allow_count, 0);
}

static void each_bad_field(void **state)
{
	const struct xsock_options bad[] = {
		{ .role = (enum xsock_role)3 },
		{ .role = (enum xsock_role) - 1 },
		{ .direction = (enum xsock_direction)5 },
		{ .direction = (enum xsock_direction) - 1 },
		{ .send_ring = XSOCK_RING_MAX + 1 },
		{ .send_ring = SIZE_MAX },
		{ .recv_ring = XSOCK_RING_MAX + 1 },
		{ .recv_ring = SIZE_MAX },
		{ .max_ring = XSOCK_RING_MAX + 1 },
		{ .connect_timeout = -2 },
		{ .send_timeout = -2 },
		{ .recv_timeout = INT_MIN },
		{ .flags = 8 },
		{ .flags = ~0u },
		{ .allow_count = 1 },
	};
	struct settings settings;

	(void)state;
	for (size_t at = 0; at < COUNT(bad); at++)
		if (settings_from(&bad[at], &settings) != -EINVAL)
			fail_msg("bad options number %zu were taken", at);
}

static void every_reserved_word(void **state)
{
	struct settings settings;

	(void)state;
	for (size_t at = 0; at < 6; at++) {
		struct xsock_options options = { 0 };

		options.reserved[at] = UINT64_C(1) << 8 * at;
		assert_int_equal(settings_from(&options, &settings), -EINVAL);
	}
}

RUN(TEST(defaults), TEST(everything_set), TEST(an_empty_list_is_a_list), TEST(each_bad_field),
    TEST(every_reserved_word))
