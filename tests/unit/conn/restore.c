/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A domain that is saved and restored, as its process sees it: its home in the store is another one
 * at once. Played on the local platform, with the ways of Xen's as far as this is about them. */
#include "conn/restore.h"

#include <errno.h>
#include <sys/resource.h>

#include "api/socket.h"
#include "conn/address.h"
#include "visitor.h"

#include "../unit.h"

static struct platform_ops like_xen;
static unsigned left; /* channels that were left as they are */

static void leave(struct channel *channel)
{
	left++;
	local_platform_ops.channel_close(channel);
}

static struct platform *begin(void)
{
	left = 0;
	like_xen = local_platform_ops;
	like_xen.channels_tell_all = false;
	like_xen.channel_leave = leave;
	return host(&like_xen);
}

/* The new home is empty, or belongs to whoever has the old number now. */
static void restore(struct platform *platform, const char *alive)
{
	char path[STORE_PATH_MAX];
	struct store *store;

	assert_int_equal(like_xen.store_open(platform, &store), 0);
	path_root(path, HOST);
	assert_int_equal(like_xen.store_remove(store, path), 0);
	path_alive(path, HOST);
	if (alive != NULL)
		assert_int_equal(like_xen.store_write(store, path, alive), 0);
	like_xen.store_close(store);
}

static void a_listener_goes_on(const char *alive)
{
	struct platform *before = begin();
	struct xsock *listener = host_listens("on");

	visitor_served(listener, "on");
	restore(before, alive);
	visitor_served(listener, "on");
	assert_ptr_not_equal(listener->listener->platform, before);
	visitor_served(listener, "on");
	assert_int_equal(xsock_close(listener), 0);
	platform_put(before);
}

static void a_listener_goes_on_in_an_empty_home(void **state)
{
	(void)state;
	a_listener_goes_on(NULL);
}

static void a_listener_goes_on_beside_anothers_node(void **state)
{
	(void)state;
	a_listener_goes_on("zzzzzz");
}

static void a_connection_ends(void **state)
{
	struct platform *before = begin();
	struct xsock *listener = host_listens("end"), *socket;
	pid_t visitor = visitor_start("end");
	char byte;

	(void)state;
	socket = visitor_accept(listener);
	restore(before, NULL);
	assert_int_equal(xsock_recv(socket, &byte, 1, 0), -1);
	assert_int_equal(errno, ECONNRESET);
	assert_int_equal(xsock_send(socket, "x", 1, 0), -1);
	assert_int_equal(errno, ECONNRESET);
	/* The kernel that it was opened with knows nothing of the channel any more. */
	assert_int_equal(xsock_close(socket), 0);
	assert_int_equal(left, 1);
	visitor_end(visitor, 0);
	visitor_served(listener, "end");
	assert_int_equal(left, 1);
	assert_int_equal(xsock_close(listener), 0);
	platform_put(before);
}

/* One that is closed before anybody was told. */
static void a_connection_is_closed_at_once(void **state)
{
	struct platform *before = begin();
	struct xsock *listener = host_listens("once"), *socket;
	pid_t visitor = visitor_start("once");

	(void)state;
	socket = visitor_accept(listener);
	restore(before, NULL);
	assert_int_equal(xsock_close(socket), 0);
	assert_int_equal(left, 1);
	visitor_end(visitor, 0);
	assert_int_equal(xsock_close(listener), 0);
	platform_put(before);
}

static void who_is_opened_next_is_in_the_new_home(void **state)
{
	struct platform *before = begin();
	struct xsock *old = host_listens("old"), *next;

	(void)state;
	restore(before, NULL);
	next = host_listens("next");
	assert_ptr_not_equal(next->listener->platform, before);
	visitor_served(next, "next");
	visitor_served(old, "old");
	assert_ptr_equal(next->listener->platform, old->listener->platform);
	assert_int_equal(xsock_close(old), 0);
	assert_int_equal(xsock_close(next), 0);
	platform_put(before);
}

/* It tries again until it can. */
static void a_listener_without_descriptors_waits_for_some(void **state)
{
	struct platform *before = begin();
	struct xsock *listener = host_listens("few");
	struct rlimit limit, none;

	(void)state;
	restore(before, NULL);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = (struct rlimit){ .rlim_cur = 3, .rlim_max = limit.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_null(xsock_accept(listener, 300));
	assert_int_equal(errno, ETIMEDOUT);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_ptr_equal(listener->listener->platform, before);
	visitor_served(listener, "few");
	assert_ptr_not_equal(listener->listener->platform, before);
	assert_int_equal(xsock_close(listener), 0);
	platform_put(before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_listener_goes_on_in_an_empty_home),
		TEST(a_listener_goes_on_beside_anothers_node),
		TEST(a_connection_ends),
		TEST(a_connection_is_closed_at_once),
		TEST(who_is_opened_next_is_in_the_new_home),
		TEST(a_listener_without_descriptors_waits_for_some),
	};

	return cmocka_run_group_tests(tests, visitors_begin, visitors_end);
}
