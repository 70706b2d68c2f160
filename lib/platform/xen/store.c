/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* XenStore: each store has a connection of its own, so that its watches are. */
#include "platform/xen/store.h"

#include "base/error.h"
#include "platform/path.h"

#include <stdlib.h>
#include <string.h>

/* One token for all watches: the path tells them apart. */
static const char token[] = "xsock";

int xen_store_fail(int error, const char *what, const char *path)
{
	const char *cause = "";

	if (error == EPERM)
		error = EACCES;
	if (error == E2BIG)
		cause = "; the value, or the names below its parent, are over xenstored's "
			"entry-size (2048 bytes)";
	else if (error == ENOSPC || error == EDQUOT)
		cause = "; a XenStore quota of this domain is used up: nodes (1000), watches (128) "
			"or permissions (5 a node); xenstored's --entry-nb, --watch-nb, "
			"--perm-nb raise them";
	return fail(error, "cannot %s %s: %s%s", what, path, strerror(error), cause);
}

int xen_store_open(struct platform *platform, struct store **result)
{
	struct store *store = calloc(1, sizeof *store);

	if (!store)
		return fail(ENOMEM, "no memory for a store handle");
	store->xen = xen_of(platform);
	if (store_handle_open(&store->handle)) {
		int error = errno;

		free(store);
		return fail(error, "cannot connect to XenStore: %s", strerror(error));
	}
	*result = store;
	return 0;
}

void xen_store_close(struct store *store)
{
	store_handle_close(&store->handle);
	free(store);
}

void xen_store_abandon(struct store *store)
{
	store_handle_abandon(&store->handle);
	free(store);
}

ssize_t xen_store_read(struct store *store, const char *path, char *value, size_t size)
{
	unsigned length;
	int result = path_check(path);
	char *text;

	if (result < 0)
		return result;
	text = xs_read(store->handle.xs, XBT_NULL, path, &length);
	if (!text)
		return xen_store_fail(errno, "read", path);
	if (length >= size) {
		free(text);
		return fail(E2BIG, "the value of %s is %u bytes, %zu fit", path, length, size);
	}
	memcpy(value, text, length);
	value[length] = '\0';
	free(text);
	return length;
}

int xen_store_write(struct store *store, const char *path, const char *value)
{
	size_t length = strlen(value);
	int result = path_check(path);

	if (result < 0)
		return result;
	if (length > STORE_VALUE_MAX)
		return fail(E2BIG, "a value of %zu bytes for %s: %u is the limit", length, path,
			    STORE_VALUE_MAX);
	if (!xs_write(store->handle.xs, XBT_NULL, path, value, (unsigned)length))
		return xen_store_fail(errno, "write", path);
	return 0;
}

int xen_store_remove(struct store *store, const char *path)
{
	int result = path_check(path);

	if (result < 0)
		return result;
	if (!xs_rm(store->handle.xs, XBT_NULL, path) && errno != ENOENT)
		return xen_store_fail(errno, "remove", path);
	return 0;
}

int xen_store_list(struct store *store, const char *path, char **names)
{
	unsigned count;
	size_t size = 1;
	int result = path_check(path);
	char **list, *at;

	if (result < 0)
		return result;
	list = xs_directory(store->handle.xs, XBT_NULL, path, &count);
	if (!list)
		return xen_store_fail(errno, "list", path);
	for (unsigned i = 0; i < count; i++)
		size += strlen(list[i]) + 1;
	at = *names = malloc(size);
	for (unsigned i = 0; at && i < count; i++)
		at = stpcpy(at, list[i]) + 1;
	free(list);
	if (!at)
		return fail(ENOMEM, "no memory for the names below %s", path);
	*at = '\0';
	return 0;
}

/* -- watches -------------------------------------------------------------------------------- */

int xen_store_watch(struct store *store, const char *path)
{
	int result = path_check(path);

	if (result < 0)
		return result;
	if (!xs_watch(store->handle.xs, path, token))
		return xen_store_fail(errno, "watch", path);
	return 0;
}

int xen_store_unwatch(struct store *store, const char *path)
{
	int result = path_check(path);

	if (result < 0)
		return result;
	if (!xs_unwatch(store->handle.xs, path, token))
		return xen_store_fail(errno, "end the watch on", path);
	return 0;
}

int xen_store_fd(struct store *store)
{
	int fd = store_handle_fd(&store->handle);

	return fd < 0 ? fail(errno, "cannot make a descriptor for XenStore's watches: %s",
			     strerror(errno))
		      : fd;
}

int xen_store_next(struct store *store, char *path, size_t size)
{
	char **event = xs_check_watch(store->handle.xs);
	size_t length;

	if (!event && errno == EAGAIN)
		return 0;
	if (!event)
		return fail(errno, "the connection to XenStore failed: %s", strerror(errno));
	length = strlen(event[XS_WATCH_PATH]);
	if (length < size)
		memcpy(path, event[XS_WATCH_PATH], length + 1);
	free(event);
	if (length >= size)
		return fail(ENAMETOOLONG, "an event's path does not fit in %zu bytes", size);
	return 1;
}
