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
	assert_int_equal(settings.limits.domain_backlog, 96);
	assert_int_equal(settings.limits.domain_rate, 2000);
	assert_int_equal(settings.limits.rate, 8000);
	assert_int_equal(settings.limits.shared.domain_connections, 128);
	assert_int_equal(settings.limits.shared.connections, 4096);
	assert_int_equal(settings.limits.shared.domain_pages, 1 << 18);
	assert_int_equal(settings.limits.shared.pages, 1 << 20);
	assert_int_equal(settings.shared.domain_connections, 0);
	assert_int_equal(settings.shared.connections, 0);
	assert_int_equal(settings.shared.pages, 1 << 20);
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
					       .max_domain_bytes = 40960,
					       .max_bytes = 90000,
					       .max_connections = 3,
					       .max_domain_backlog = 4,
					       .max_rate = 5,
					       .max_domain_rate = 6,
					       .platform = "local" };
	struct settings settings;

	(void)state;
	assert_int_equal(settings_from(&options, &settings), 0);
	assert_int_equal(settings.wishes.role, ROLE_MAP);
	assert_int_equal(settings.wishes.direction, DIRECTION_RECV);
	assert_int_equal(settings.wishes.send, 8192);
	assert_int_equal(settings.wishes.recv, XSOCK_RING_MAX);
	assert_int_equal(settings.limits.backlog, 1);
	assert_int_equal(settings.limits.shared.domain_connections, 2);
	assert_int_equal(settings.limits.shared.connections, 3);
	assert_int_equal(settings.limits.shared.domain_pages, 10);
	assert_int_equal(settings.limits.shared.pages, 21);
	assert_int_equal(settings.limits.domain_backlog, 4);
	assert_int_equal(settings.limits.rate, 5);
	assert_int_equal(settings.limits.domain_rate, 6);
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

/* Nobody names the limit on all, and the domain's is over what that would be. */
static void the_whole_is_no_less_than_a_part(void **state)
{
	const struct xsock_options options = { .backlog = 15,
					       .max_domain_connections = 5000,
					       .max_domain_rate = 9000,
					       .max_domain_bytes = (size_t)8 << 30 };
	struct settings settings;

	(void)state;
	assert_int_equal(settings_from(&options, &settings), 0);
	assert_int_equal(settings.limits.domain_backlog, 15);
	assert_int_equal(settings.limits.rate, 9000);
	assert_int_equal(settings.limits.shared.connections, 5000);
	assert_int_equal(settings.limits.shared.pages, 1 << 21);
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
		{ .max_domain_bytes = 4095 },
		{ .max_bytes = 4095 },
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
	for (size_t at = 0; at < 3; at++) {
		struct xsock_options options = { 0 };

		options.reserved[at] = UINT64_C(1) << 8 * at;
		assert_int_equal(settings_from(&options, &settings), -EINVAL);
	}
}

RUN(TEST(defaults), TEST(everything_set), TEST(an_empty_list_is_a_list), TEST(each_bad_field),
    TEST(every_reserved_word), TEST(the_whole_is_no_less_than_a_part))
