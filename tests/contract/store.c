/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The store: values, paths, who may do what, and that an owner can be believed. */
#include "scenarios.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void put(struct side *side, const char *path, const char *value)
{
	CHECK_RESULT(side->ops->store_write(side->store, path, value), 0);
}

static void expect(struct side *side, const char *path, const char *expected)
{
	char value[STORE_VALUE_MAX + 1];

	CHECK_RESULT(side->ops->store_read(side->store, path, value, sizeof value),
		     (long)strlen(expected));
	CHECK(!strcmp(value, expected));
}

static long read_error(struct side *side, const char *path)
{
	char value[STORE_VALUE_MAX + 1];

	return side->ops->store_read(side->store, path, value, sizeof value);
}

static void open_to(struct side *side, const char *path, enum store_access access)
{
	struct store_permissions permissions = { .owner = side->self,
						 .count = 1,
						 .grantee = { { side->peer, access } } };

	CHECK_RESULT(side->ops->store_set_permissions(side->store, path, &permissions), 0);
}

/* In one call, to the peer. */
static void put_open(struct side *side, const char *path, const char *value)
{
	struct store_permissions permissions = { .owner = side->self,
						 .count = 1,
						 .grantee = { { side->peer, ACCESS_BOTH } } };

	CHECK_RESULT(side->ops->store_put(side->store, path, value, &permissions), 0);
}

static bool lists(const char *names, const char *name)
{
	for (; *names; names += strlen(names) + 1)
		if (!strcmp(names, name))
			return true;
	return false;
}

static void check_list(struct side *side)
{
	char *names;

	CHECK_RESULT(side->ops->store_list(side->store, own_path(side, "tree"), &names), 0);
	CHECK(lists(names, "a") && lists(names, "b") && !lists(names, "c"));
	free(names);
	CHECK_RESULT(side->ops->store_list(side->store, own_path(side, "tree/a/c"), &names), 0);
	CHECK(names[0] == '\0');
	free(names);
}

void store_basics(struct side *side)
{
	char value[STORE_VALUE_MAX + 2] = "", small[4];

	put(side, own_path(side, "tree/a/c"), "deep");
	put(side, own_path(side, "tree/b"), "first");
	put(side, own_path(side, "tree/b"), "second");
	put(side, own_path(side, "tree/empty"), "");
	expect(side, own_path(side, "tree/a/c"), "deep");
	expect(side, own_path(side, "tree/b"), "second");
	expect(side, own_path(side, "tree/empty"), "");
	expect(side, own_path(side, "tree/a"), ""); /* came to be on the way */
	check_list(side);
	CHECK_RESULT(side->ops->store_read(side->store, own_path(side, "tree/a/c"), small, 4),
		     -E2BIG);
	memset(value, 'v', STORE_VALUE_MAX + 1);
	CHECK_RESULT(side->ops->store_write(side->store, own_path(side, "tree/big"), value),
		     -E2BIG);
	value[STORE_VALUE_MAX] = '\0';
	put(side, own_path(side, "tree/big"), value);
	expect(side, own_path(side, "tree/big"), value);
	CHECK_RESULT(read_error(side, own_path(side, "tree/none")), -ENOENT);
	CHECK_RESULT(side->ops->store_remove(side->store, own_path(side, "tree")), 0);
	CHECK_RESULT(side->ops->store_remove(side->store, own_path(side, "tree")), 0);
	CHECK_RESULT(read_error(side, own_path(side, "tree")), -ENOENT);
	CHECK_RESULT(read_error(side, own_path(side, "tree/a/c")), -ENOENT);
}

void store_paths(struct side *side)
{
	static const char *const bad[] = {
		"",           "relative",   "data/x",         "//",
		"/local//x",  "/local/x/",  "/local/do main", "/local/..",
		"/local/a:b", "/local/a\n", "/local/\xc3\xa4"
	};
	char path[STORE_PATH_MAX + 8];

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		CHECK_RESULT(read_error(side, bad[i]), -EINVAL);
		CHECK_RESULT(side->ops->store_write(side->store, bad[i], "x"), -EINVAL);
		CHECK_RESULT(side->ops->store_remove(side->store, bad[i]), -EINVAL);
		CHECK_RESULT(side->ops->store_watch(side->store, bad[i]), -EINVAL);
	}
	memset(path, 'p', sizeof path);
	memcpy(path, own_path(side, "long/"), strlen(own_path(side, "long/")));
	path[STORE_PATH_MAX] = '\0';
	CHECK_RESULT(side->ops->store_write(side->store, path, "x"), -EINVAL);
	path[STORE_PATH_MAX - 1] = '\0';
	put(side, path, "long");
	expect(side, path, "long");
}

/* -- permissions ---------------------------------------------------------------------------- */

void store_permissions_a(struct side *side)
{
	struct store_permissions permissions;

	put(side, own_path(side, "secret"), "mine");
	put(side, own_path(side, "shown"), "look");
	open_to(side, own_path(side, "shown"), ACCESS_READ);
	put_open(side, own_path(side, "shared"), "from a");
	CHECK_RESULT(side->ops->store_get_permissions(side->store, own_path(side, "shown"),
						      &permissions),
		     0);
	CHECK(permissions.owner == side->self && permissions.others == ACCESS_NONE);
	CHECK(permissions.count == 1 && permissions.grantee[0].domain == side->peer);
	CHECK(permissions.grantee[0].access == ACCESS_READ);
	meet(side, "made");
	meet(side, "tried");
	expect(side, own_path(side, "shared"), "from b");
	if (side->peer == 0) /* domain 0 may do all */
		return;
	expect(side, own_path(side, "secret"), "mine");
	expect(side, own_path(side, "shown"), "look");
}

static void check_denied(struct side *side)
{
	struct store_permissions taken = { .owner = side->self };
	char *names;

	CHECK_RESULT(read_error(side, peer_path(side, "secret")), -EACCES);
	CHECK_RESULT(read_error(side, peer_path(side, "never-made")), -EACCES);
	CHECK_RESULT(side->ops->store_list(side->store, peer_path(side, ""), &names), -EACCES);
	CHECK_RESULT(side->ops->store_write(side->store, peer_path(side, "secret"), "x"), -EACCES);
	CHECK_RESULT(side->ops->store_write(side->store, peer_path(side, "new"), "x"), -EACCES);
	CHECK_RESULT(side->ops->store_write(side->store, peer_path(side, "shown"), "x"), -EACCES);
	CHECK_RESULT(side->ops->store_put(side->store, peer_path(side, "new"), "x", &taken),
		     -EACCES);
	CHECK_RESULT(side->ops->store_remove(side->store, peer_path(side, "shown")), -EACCES);
	CHECK_RESULT(
		side->ops->store_set_permissions(side->store, peer_path(side, "shown"), &taken),
		-EACCES);
	CHECK_RESULT(
		side->ops->store_set_permissions(side->store, peer_path(side, "shared"), &taken),
		-EACCES);
}

void store_permissions_b(struct side *side)
{
	struct store_permissions permissions;

	meet(side, "made");
	expect(side, peer_path(side, "shown"), "look");
	if (side->self != 0)
		check_denied(side);
	expect(side, peer_path(side, "shared"), "from a");
	put(side, peer_path(side, "shared"), "from b");
	CHECK_RESULT(side->ops->store_get_permissions(side->store, peer_path(side, "shared"),
						      &permissions),
		     0);
	CHECK(permissions.owner == side->peer);
	meet(side, "tried");
}

/* -- a node of B's below a node of A's: what a request is ------------------------------------ */

void store_inbox_a(struct side *side)
{
	struct store_permissions permissions;
	const char *request = own_path(side, "inbox/request");

	put(side, own_path(side, "inbox"), "");
	open_to(side, own_path(side, "inbox"), ACCESS_BOTH);
	meet(side, "open");
	meet(side, "written");
	CHECK_RESULT(side->ops->store_get_permissions(side->store, request, &permissions), 0);
	CHECK(permissions.owner == side->peer); /* the store vouches for it */
	CHECK(permissions.count == 1 && permissions.grantee[0].domain == side->self);
	expect(side, request, "please");
	CHECK_RESULT(side->ops->store_remove(side->store, request), 0);
	meet(side, "removed");
}

void store_inbox_b(struct side *side)
{
	struct store_permissions permissions, forged = { .owner = side->peer };
	const char *request = peer_path(side, "inbox/request");

	meet(side, "open");
	put(side, request, "please");
	CHECK_RESULT(side->ops->store_get_permissions(side->store, request, &permissions), 0);
	/* The rest is inherited. What domain 0 makes belongs to the owner of the node above at
	 * first. */
	CHECK(permissions.owner == (side->self ? side->self : side->peer));
	CHECK(permissions.count == 1 && permissions.grantee[0].domain == side->self);
	CHECK(permissions.grantee[0].access == ACCESS_BOTH);
	if (side->self != 0)
		CHECK_RESULT(side->ops->store_set_permissions(side->store, request, &forged),
			     -EACCES);
	open_to(side, request, ACCESS_BOTH);
	meet(side, "written");
	meet(side, "removed");
	CHECK(read_error(side, request) < 0);
}
