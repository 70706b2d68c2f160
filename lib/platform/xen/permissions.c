/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Permissions of XenStore nodes: the first entry is the owner, and what all others may. */
#include "platform/xen/store.h"

#include "base/error.h"
#include "platform/path.h"

#include <stdlib.h>

/* platform.h has the same letters in the same order. */
_Static_assert((int)XS_PERM_NONE == ACCESS_NONE && (int)XS_PERM_READ == ACCESS_READ &&
		       (int)XS_PERM_WRITE == ACCESS_WRITE,
	       "Xen's permission bits are used as they are");

#define ACCESS_MASK (XS_PERM_READ | XS_PERM_WRITE)

int xen_store_get_permissions(struct store *store, const char *path,
			      struct store_permissions *permissions)
{
	struct xs_permissions *list;
	unsigned count;
	int result = path_check(path);

	if (result < 0)
		return result;
	list = xs_get_permissions(store->handle.xs, XBT_NULL, path, &count);
	if (!list)
		return xen_store_fail(errno, "read the permissions of", path);
	if (count == 0 || count > STORE_GRANTEES_MAX + 1) {
		free(list);
		return fail(E2BIG, "%s names %u domains in its permissions; %u can be told", path,
			    count, STORE_GRANTEES_MAX);
	}
	permissions->owner = list[0].id;
	permissions->others = (enum store_access)(list[0].perms & ACCESS_MASK);
	permissions->count = count - 1;
	for (unsigned i = 1; i < count; i++) {
		permissions->grantee[i - 1].domain = list[i].id;
		permissions->grantee[i - 1].access =
			(enum store_access)(list[i].perms & ACCESS_MASK);
	}
	free(list);
	return 0;
}

int xen_store_set_permissions(struct store *store, const char *path,
			      const struct store_permissions *permissions)
{
	struct xs_permissions list[STORE_GRANTEES_MAX + 1];
	int result = path_check(path);

	if (result < 0)
		return result;
	if (permissions->count > STORE_GRANTEES_MAX)
		return fail(EINVAL, "permissions for %u domains; %u can be named",
			    permissions->count, STORE_GRANTEES_MAX);
	list[0].id = permissions->owner;
	list[0].perms = (unsigned)permissions->others;
	for (unsigned i = 0; i < permissions->count; i++) {
		list[i + 1].id = permissions->grantee[i].domain;
		list[i + 1].perms = (unsigned)permissions->grantee[i].access;
	}
	if (!xs_set_permissions(store->handle.xs, XBT_NULL, path, list, permissions->count + 1))
		return xen_store_fail(errno, "set the permissions of", path);
	return 0;
}

/* XenStore has no such request; a transaction is too dear. */
int xen_store_put(struct store *store, const char *path, const char *value,
		  const struct store_permissions *permissions)
{
	int result = xen_store_write(store, path, value);

	if (result < 0)
		return result;
	result = xen_store_set_permissions(store, path, permissions);
	if (result < 0 && result != -ENOENT) {
		failure_hold();
		xen_store_remove(store, path);
		failure_release();
	}
	return result;
}
