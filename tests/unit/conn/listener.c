/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A listener whose store is in trouble for a while, or that others make trouble in: who comes is
 * served in the end. */
#include "conn/listener.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "visitor.h"

#include "../unit.h"

#define PLACE "/local/domain/3/data/xsock/service/"

/* The local platform's ways, but that so many calls of a kind fail. */
static struct platform_ops troubled;
static struct troubles {
	unsigned lists, reads, permissions, puts, writes, removals;
	bool forgets;        /* which nodes events were of */
	bool long_name;      /* there is one, once */
	bool taken_back;     /* the next request, just when it is answered */
	const char *staying; /* a name of nodes that this domain may not remove */
} troubles;

static bool fails(unsigned *left)
{
	return *left > 0 && (*left)-- > 0;
}

/* With a name that no path has room for. */
static int list_with_long_name(char **names)
{
	*names = calloc(1, STORE_PATH_MAX + 2);
	if (*names != NULL)
		memset(*names, 'a', STORE_PATH_MAX);
	troubles.long_name = false;
	return *names == NULL ? -ENOMEM : 0;
}

static int list(struct store *store, const char *path, char **names)
{
	if (fails(&troubles.lists))
		return -EIO;
	if (troubles.long_name)
		return list_with_long_name(names);
	return local_platform_ops.store_list(store, path, names);
}

static ssize_t read_node(struct store *store, const char *path, char *value, size_t size)
{
	return fails(&troubles.reads) ? -EIO
				      : local_platform_ops.store_read(store, path, value, size);
}

static int get_permissions(struct store *store, const char *path,
			   struct store_permissions *permissions)
{
	if (fails(&troubles.permissions))
		return -EIO;
	return local_platform_ops.store_get_permissions(store, path, permissions);
}

static int put(struct store *store, const char *path, const char *value,
	       const struct store_permissions *permissions)
{
	if (fails(&troubles.puts))
		return -EIO;
	return local_platform_ops.store_put(store, path, value, permissions);
}

static int write_node(struct store *store, const char *path, const char *value)
{
	if (troubles.taken_back) {
		troubles.taken_back = false;
		local_platform_ops.store_remove(store, path);
		return -ENOENT;
	}
	return fails(&troubles.writes) ? -EIO : local_platform_ops.store_write(store, path, value);
}

static int remove_node(struct store *store, const char *path)
{
	if (troubles.staying != NULL && !strcmp(strrchr(path, '/') + 1, troubles.staying))
		return -EACCES;
	return fails(&troubles.removals) ? -EIO : local_platform_ops.store_remove(store, path);
}

static int next(struct store *store, char *path, size_t size)
{
	int event = local_platform_ops.store_next(store, path, size);

	if (event > 0 && troubles.forgets)
		path[0] = '\0';
	return event;
}

static struct platform *begin(void)
{
	troubles = (struct troubles){ 0 };
	troubled = local_platform_ops;
	troubled.store_list = list;
	troubled.store_read = read_node;
	troubled.store_get_permissions = get_permissions;
	troubled.store_put = put;
	troubled.store_write = write_node;
	troubled.store_remove = remove_node;
	troubled.store_next = next;
	return host(&troubled);
}

static bool is_there(struct platform *platform, const char *path)
{
	struct store_permissions permissions;
	struct store *store;
	int error;

	assert_int_equal(local_platform_ops.store_open(platform, &store), 0);
	error = local_platform_ops.store_get_permissions(store, path, &permissions);
	local_platform_ops.store_close(store);
	return error == 0;
}

/* Whose request is in a place that is made anew is refused, so nobody comes before it is. */
static void works_until(struct xsock *listener, struct platform *platform, const char *path,
			bool there)
{
	for (int at = 0; at < PATIENCE / 20 && is_there(platform, path) != there; at++)
		assert_null(xsock_accept(listener, 20));
	assert_int_equal(is_there(platform, path), there);
}

/* Calls that fail three times just when somebody comes, heard of or only found. */
static void failing_calls_are_made_again(void **state)
{
	static const struct troubles cases[] = {
		{ .lists = 3, .forgets = true },       { .reads = 3 },
		{ .reads = 3, .forgets = true },       { .permissions = 3 },
		{ .permissions = 3, .forgets = true }, { .removals = 3 },
	};
	struct platform *platform = begin();

	(void)state;
	for (size_t at = 0; at < COUNT(cases); at++) {
		struct xsock *listener = host_listens("again");

		troubles = cases[at];
		visitor_served(listener, "again");
		visitor_served(listener, "again");
		assert_int_equal(troubles.lists + troubles.reads + troubles.permissions, 0);
		troubles = (struct troubles){ 0 };
		assert_int_equal(xsock_close(listener), 0);
		assert_false(is_there(platform, PLACE "again"));
	}
	platform_put(platform);
}

/* A node of another form goes at once; with it the place, if it must. */
static void a_node_that_cannot_be_removed_goes_with_its_place(void **state)
{
	struct platform *platform = begin();
	struct xsock *listener = host_listens("stays");

	(void)state;
	troubles.staying = "mine";
	visitor_writes(PLACE "stays/any/mine");
	works_until(listener, platform, PLACE "stays/any/mine", false);
	works_until(listener, platform, PLACE "stays/any", true);
	visitor_served(listener, "stays");
	troubles.staying = NULL;
	assert_int_equal(xsock_close(listener), 0);
	platform_put(platform);
}

static void a_name_too_long_goes_with_its_place(void **state)
{
	struct platform *platform = begin();
	struct xsock *listener = host_listens("long");

	(void)state;
	visitor_writes(PLACE "long/any/0123456789abcdef");
	troubles.forgets = troubles.long_name = true;
	works_until(listener, platform, PLACE "long/any/0123456789abcdef", false);
	assert_false(troubles.long_name);
	works_until(listener, platform, PLACE "long/any", true);
	visitor_served(listener, "long");
	troubles.forgets = false;
	assert_int_equal(xsock_close(listener), 0);
	platform_put(platform);
}

/* Neither the removal nor what comes after it works at first. */
static void a_place_that_cannot_be_made_anew_is_tried_again(void **state)
{
	struct platform *platform = begin();
	struct xsock *listener = host_listens("anew");

	(void)state;
	troubles = (struct troubles){ .staying = "mine", .removals = 1, .puts = 2 };
	visitor_writes(PLACE "anew/any/mine");
	works_until(listener, platform, PLACE "anew/any", false);
	works_until(listener, platform, PLACE "anew/any", true);
	assert_int_equal(troubles.removals + troubles.puts, 0);
	visitor_served(listener, "anew");
	troubles.staying = NULL;
	assert_int_equal(xsock_close(listener), 0);
	platform_put(platform);
}

/* One that grants has to answer: there it is told that the visitor is gone. */
static void a_request_that_is_taken_back_is_no_connection(void **state)
{
	struct platform *platform = begin();
	const struct xsock_options grants = { .role = XSOCK_ROLE_GRANT };
	struct xsock *listener = xsock_listen("back", &grants);
	struct xsock_info info;
	pid_t visitor;

	(void)state;
	assert_non_null(listener);
	troubles.taken_back = true;
	visitor = visitor_start("back");
	for (int at = 0; at < PATIENCE / 20 && troubles.taken_back; at++)
		assert_null(xsock_accept(listener, 20));
	visitor_end(visitor, ECONNREFUSED);
	assert_int_equal(xsock_get_info(listener, &info, sizeof info), 0);
	assert_int_equal(info.refused_by[XSOCK_REFUSED_UNFINISHED], 1);
	assert_int_equal(info.accepted, 0);
	visitor_served(listener, "back");
	assert_int_equal(xsock_close(listener), 0);
	platform_put(platform);
}

static void a_refusal_that_cannot_be_written_is_made_again(void **state)
{
	struct platform *platform = begin();
	struct xsock *listener = host_listens("refuses");
	const char *path = PLACE "refuses/any/0123456789abcdef";
	struct store *store;
	char value[STORE_VALUE_MAX] = "nonsense";

	(void)state;
	troubles.writes = 2;
	visitor_writes(path);
	assert_int_equal(local_platform_ops.store_open(platform, &store), 0);
	for (int at = 0; at < PATIENCE / 20 && !strcmp(value, "nonsense"); at++) {
		assert_null(xsock_accept(listener, 20));
		assert_true(local_platform_ops.store_read(store, path, value, sizeof value) > 0);
	}
	assert_non_null(strstr(value, "error=4"));
	local_platform_ops.store_close(store);
	assert_int_equal(troubles.writes, 0);
	assert_int_equal(xsock_close(listener), 0);
	platform_put(platform);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(failing_calls_are_made_again),
		TEST(a_node_that_cannot_be_removed_goes_with_its_place),
		TEST(a_name_too_long_goes_with_its_place),
		TEST(a_place_that_cannot_be_made_anew_is_tried_again),
		TEST(a_request_that_is_taken_back_is_no_connection),
		TEST(a_refusal_that_cannot_be_written_is_made_again),
	};

	return cmocka_run_group_tests(tests, visitors_begin, visitors_end);
}
