/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A domain that is saved and restored, as its process sees it: its home in the store is another one
 * at once. Played on the local platform, with the ways of Xen's as far as this is about them. */
#include "conn/restore.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <xsock/xsock.h>

#include "api/socket.h"
#include "conn/address.h"

#include "../unit.h"

#define OWN 3
#define PEER 4

static char directory[] = "/tmp/xsock-restore-XXXXXX";
static struct platform_ops like_xen;
static unsigned left; /* channels that were left as they are */

static void leave(struct channel *channel)
{
	left++;
	local_platform_ops.channel_close(channel);
}

static int set_up(void **state)
{
	(void)state;
	like_xen = local_platform_ops;
	like_xen.channels_tell_all = false;
	like_xen.channel_leave = leave;
	return mkdtemp(directory) == NULL || setenv("XSOCK_LOCAL_DIR", directory, 1) != 0 ||
	       setenv("XSOCK_PLATFORM", "local", 1) != 0 ||
	       setenv("XSOCK_LOCAL_DOMAIN", "3", 1) != 0;
}

static int tear_down(void **state)
{
	char command[80];

	(void)state;
	snprintf(command, sizeof command, "rm -r %s", directory);
	return system(command) != 0;
}

/* The one that the process uses next; to be put. */
static struct platform *begin(void)
{
	struct platform *platform;

	left = 0;
	assert_int_equal(platform_get("local", &platform), 0);
	platform->ops = &like_xen;
	return platform;
}

/* The new home is empty, or belongs to whoever has the old number now. */
static void restore(struct platform *platform, const char *alive)
{
	char path[STORE_PATH_MAX];
	struct store *store;

	assert_int_equal(like_xen.store_open(platform, &store), 0);
	path_root(path, OWN);
	assert_int_equal(like_xen.store_remove(store, path), 0);
	path_alive(path, OWN);
	if (alive != NULL)
		assert_int_equal(like_xen.store_write(store, path, alive), 0);
	like_xen.store_close(store);
}

static struct xsock *listen_as(const char *service)
{
	struct xsock *listener = xsock_listen(service, NULL);

	assert_non_null(listener);
	return listener;
}

/* Another domain's process: it sends a byte, and stays until its stream ends. */
static pid_t start_client(const char *service)
{
	struct xsock_options options = { .connect_timeout = PATIENCE, .flags = XSOCK_AWAIT };
	char address[80], number[8], byte = 'x';
	struct xsock *socket;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child > 0)
		return child;
	snprintf(number, sizeof number, "%d", PEER);
	snprintf(address, sizeof address, "%d/%s", OWN, service);
	setenv("XSOCK_LOCAL_DOMAIN", number, 1);
	socket = xsock_connect(address, &options);
	if (socket == NULL || xsock_send(socket, &byte, 1, 0) != 1)
		_exit(1);
	while (xsock_recv(socket, &byte, 1, 0) > 0)
		;
	_exit(xsock_close(socket) != 0);
}

static void end_client(pid_t child)
{
	int status;

	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static struct xsock *accept_from(struct xsock *listener)
{
	struct xsock *socket = xsock_accept(listener, PATIENCE);
	char byte;

	assert_non_null(socket);
	assert_int_equal(xsock_recv(socket, &byte, 1, 0), 1);
	return socket;
}

static void serve(struct xsock *listener, const char *service)
{
	pid_t client = start_client(service);

	assert_int_equal(xsock_close(accept_from(listener)), 0);
	end_client(client);
}

static void a_listener_goes_on(const char *alive)
{
	struct platform *before = begin();
	struct xsock *listener = listen_as("on");

	serve(listener, "on");
	restore(before, alive);
	serve(listener, "on");
	assert_ptr_not_equal(listener->listener->platform, before);
	serve(listener, "on");
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
	struct xsock *listener = listen_as("end"), *socket;
	pid_t client = start_client("end");
	char byte;

	(void)state;
	socket = accept_from(listener);
	restore(before, NULL);
	assert_int_equal(xsock_recv(socket, &byte, 1, 0), -1);
	assert_int_equal(errno, ECONNRESET);
	assert_int_equal(xsock_send(socket, "x", 1, 0), -1);
	assert_int_equal(errno, ECONNRESET);
	/* The kernel that it was opened with knows nothing of the channel any more. */
	assert_int_equal(xsock_close(socket), 0);
	assert_int_equal(left, 1);
	end_client(client);
	serve(listener, "end");
	assert_int_equal(left, 1);
	assert_int_equal(xsock_close(listener), 0);
	platform_put(before);
}

/* One that is closed before anybody was told. */
static void a_connection_is_closed_at_once(void **state)
{
	struct platform *before = begin();
	struct xsock *listener = listen_as("once"), *socket;
	pid_t client = start_client("once");

	(void)state;
	socket = accept_from(listener);
	restore(before, NULL);
	assert_int_equal(xsock_close(socket), 0);
	assert_int_equal(left, 1);
	end_client(client);
	assert_int_equal(xsock_close(listener), 0);
	platform_put(before);
}

static void who_is_opened_next_is_in_the_new_home(void **state)
{
	struct platform *before = begin();
	struct xsock *old = listen_as("old"), *next;

	(void)state;
	restore(before, NULL);
	next = listen_as("next");
	assert_ptr_not_equal(next->listener->platform, before);
	serve(next, "next");
	serve(old, "old");
	assert_ptr_equal(next->listener->platform, old->listener->platform);
	assert_int_equal(xsock_close(old), 0);
	assert_int_equal(xsock_close(next), 0);
	platform_put(before);
}

/* It tries again until it can. */
static void a_listener_without_descriptors_waits_for_some(void **state)
{
	struct platform *before = begin();
	struct xsock *listener = listen_as("few");
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
	serve(listener, "few");
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

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
