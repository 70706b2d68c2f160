/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* XenStore's rules over the nodes: who may read, write, create, remove, hand over. */
#include "base/error.h"
#include "platform/local/node.h"
#include "platform/local/records.h"
#include "platform/local/watch.h"
#include "platform/path.h"

#include <stdlib.h>
#include <string.h>

static void close_in_child(struct fork_link *link)
{
	struct store *store = (struct store *)((char *)link - offsetof(struct store, fork));

	close_descriptor(&store->pipe_fds[0]);
	close_descriptor(&store->pipe_fds[1]);
}

int local_store_open(struct platform *platform, struct store **result)
{
	struct store *store = calloc(1, sizeof *store);

	if (!store)
		return fail(ENOMEM, "no memory for a store handle");
	store->local = local_of(platform);
	store->pipe_fds[0] = store->pipe_fds[1] = -1;
	fork_watch(&store->fork, close_in_child);
	*result = store;
	return 0;
}

static void free_store(struct store *store, bool in_child)
{
	fork_unwatch(&store->fork);
	watch_end(store, in_child);
	free(store);
}

void local_store_close(struct store *store)
{
	free_store(store, false);
}

void local_store_abandon(struct store *store)
{
	free_store(store, true);
}

static int denied(const struct store *store, const char *path, const char *what)
{
	return fail(EACCES, "domain %u may not %s the store node %s", store->local->base.self, what,
		    path);
}

/* Loads a node that this domain must have `need` on. A missing one below a parent that it has no
 * such right on is -EACCES, so that nobody learns what is there. */
static int load_for(struct store *store, const char *path, enum store_access need, const char *what,
		    struct node *node)
{
	struct store_permissions above;
	unsigned self = store->local->base.self;
	int result = path_check(path);

	if (result >= 0)
		result = node_load(store->local, path, node);
	if (result == -ENOENT) {
		result = node_above(store->local, path, &above);
		if (result < 0)
			return result;
		if (!(node_access(&above, self) & need))
			return denied(store, path, what);
		return fail(ENOENT, "there is no store node %s", path);
	}
	if (result == 0 && !(node_access(&node->permissions, self) & need))
		return denied(store, path, what);
	return result;
}

static int load_locked(struct store *store, const char *path, struct node *node)
{
	int result = records_lock(store->local->records, LOCK_SHARED);

	if (result < 0)
		return result;
	result = load_for(store, path, ACCESS_READ, "read", node);
	records_unlock(store->local->records);
	return result;
}

ssize_t local_store_read(struct store *store, const char *path, char *value, size_t size)
{
	struct node node;
	int result = load_locked(store, path, &node);

	if (result < 0)
		return result;
	if (node.length >= size)
		return fail(E2BIG, "the value of %s is %zu bytes, %zu fit", path, node.length,
			    size);
	memcpy(value, node.value, node.length + 1);
	return (ssize_t)node.length;
}

/* Who is told waits for the lock. Told afterwards, a death in between would hide for ever what it
 * had done. */
static int save(struct store *store, const char *path, const struct store_permissions *before,
		const struct node *node)
{
	int result = watch_fire(store->local, path, before, &node->permissions);

	return result < 0 ? result : node_save(store->local, path, node);
}

/* Makes what is missing above `path`, then the node itself, each with the permissions of the
 * nearest node that was there. As in XenStore unprivileged domains own what they make; domain 0
 * makes it for the owner of the node above. */
static int create(struct store *store, const char *path, struct node *node,
		  const struct store_permissions *permissions)
{
	struct local *local = store->local;
	char part[STORE_PATH_MAX];
	struct node empty;
	int existing = node_above(local, path, &node->permissions);
	unsigned self = local->base.self;
	int result = 0;

	if (existing < 0)
		return existing;
	if (!(node_access(&node->permissions, self) & ACCESS_WRITE))
		return denied(store, path, "create");
	if (self != 0)
		node->permissions.owner = self;
	empty.permissions = node->permissions;
	empty.length = 0;
	for (size_t i = (size_t)existing + 1; path[i] && result == 0; i++) {
		if (path[i] != '/')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		result = save(store, part, NULL, &empty);
	}
	if (permissions && self != 0 && permissions->owner != self)
		return denied(store, path, "give away");
	if (permissions)
		node->permissions = *permissions;
	return result < 0 ? result : save(store, path, NULL, node);
}

static int replace(struct store *store, const char *path, struct node *node,
		   const struct store_permissions *permissions)
{
	struct store_permissions before = node->permissions;
	unsigned self = store->local->base.self;

	/* An unprivileged domain may neither change others' nodes nor give its own away. */
	if (permissions && self != 0 &&
	    (node->permissions.owner != self || permissions->owner != self))
		return denied(store, path, "give away or set permissions of");
	if (permissions)
		node->permissions = *permissions;
	return save(store, path, &before, node);
}

/* `permissions` may be NULL: as they are, or what the node above gives. */
static int write_locked(struct store *store, const char *path, const char *value, size_t length,
			const struct store_permissions *permissions)
{
	struct node node;
	int result = load_for(store, path, ACCESS_WRITE, "write", &node);

	if (result < 0 && result != -ENOENT)
		return result;
	memcpy(node.value, value, length + 1);
	node.length = length;
	if (result == -ENOENT)
		return create(store, path, &node, permissions);
	return replace(store, path, &node, permissions);
}

static int write_node(struct store *store, const char *path, const char *value,
		      const struct store_permissions *permissions)
{
	size_t length = strlen(value);
	int result;

	if (length > STORE_VALUE_MAX)
		return fail(E2BIG, "a value of %zu bytes for %.80s: %u is the limit", length, path,
			    STORE_VALUE_MAX);
	result = records_lock(store->local->records, LOCK_EXCLUSIVE);
	if (result < 0)
		return result;
	result = write_locked(store, path, value, length, permissions);
	records_unlock(store->local->records);
	return result;
}

int local_store_write(struct store *store, const char *path, const char *value)
{
	return write_node(store, path, value, NULL);
}

static int remove_one(struct store *store, const char *path)
{
	struct node node;
	int result = node_load(store->local, path, &node), told;

	if (result < 0)
		return result;
	/* What is removed goes, told or not. */
	told = watch_fire(store->local, path, &node.permissions, NULL);
	result = node_unlink(store->local, path);
	return result < 0 ? result : told;
}

static int remove_below(struct store *store, const char *above)
{
	char path[STORE_PATH_MAX];
	int at = 0, result = 0;

	if (!node_has_below(store->local, above))
		return 0;
	for (;;) {
		int error = node_next(store->local, &at, path);

		if (error == 0)
			return result;
		if (error > 0 && path_is_below(path, above) && strcmp(path, above))
			error = remove_one(store, path);
		if (error < 0 && result == 0)
			result = error;
	}
}

int local_store_remove(struct store *store, const char *path)
{
	struct node node;
	int result = records_lock(store->local->records, LOCK_EXCLUSIVE);

	if (result < 0)
		return result;
	result = load_for(store, path, ACCESS_WRITE, "remove", &node);
	if (result == 0) {
		int below = remove_below(store, path);

		result = remove_one(store, path);
		if (result == 0)
			result = below;
	}
	records_unlock(store->local->records);
	return result == -ENOENT ? 0 : result;
}

int local_store_get_permissions(struct store *store, const char *path,
				struct store_permissions *permissions)
{
	struct node node;
	int result = load_locked(store, path, &node);

	if (result == 0)
		*permissions = node.permissions;
	return result;
}

static int check_permissions(const struct store_permissions *permissions)
{
	bool good = permissions->owner <= DOMAIN_MAX && permissions->count <= STORE_GRANTEES_MAX;

	for (unsigned i = 0; good && i < permissions->count; i++)
		good = permissions->grantee[i].domain <= DOMAIN_MAX;
	if (!good)
		return fail(EINVAL,
			    "permissions for more than %u domains, or for a number above %u",
			    STORE_GRANTEES_MAX, DOMAIN_MAX);
	return 0;
}

int local_store_put(struct store *store, const char *path, const char *value,
		    const struct store_permissions *permissions)
{
	int result = check_permissions(permissions);

	return result < 0 ? result : write_node(store, path, value, permissions);
}

static int set_permissions_locked(struct store *store, const char *path,
				  const struct store_permissions *permissions)
{
	struct node node;
	int result = load_for(store, path, ACCESS_WRITE, "set permissions of", &node);

	return result < 0 ? result : replace(store, path, &node, permissions);
}

int local_store_set_permissions(struct store *store, const char *path,
				const struct store_permissions *permissions)
{
	int result = check_permissions(permissions);

	if (result == 0)
		result = records_lock(store->local->records, LOCK_EXCLUSIVE);
	if (result < 0)
		return result;
	result = set_permissions_locked(store, path, permissions);
	records_unlock(store->local->records);
	return result;
}
