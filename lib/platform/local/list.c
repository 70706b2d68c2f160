/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The children of a node of the local store. */
#include "base/error.h"
#include "platform/local/node.h"
#include "platform/local/records.h"
#include "platform/local/watch.h"
#include "platform/path.h"

#include <stdlib.h>
#include <string.h>

struct names {
	char *block;
	size_t length, size;
};

static bool has_name(const struct names *names, const char *name, size_t length)
{
	for (const char *at = names->block; at && at < names->block + names->length;
	     at += strlen(at) + 1)
		if (strlen(at) == length && !memcmp(at, name, length))
			return true;
	return false;
}

/* Leaves room for the empty string that ends the block. */
static bool add_name(struct names *names, const char *name, size_t length)
{
	if (names->length + length + 2 > names->size) {
		size_t size = names->size * 2 + length + 512;
		char *block = realloc(names->block, size);

		if (!block)
			return false;
		names->block = block;
		names->size = size;
	}
	memcpy(names->block + names->length, name, length);
	names->block[names->length + length] = '\0';
	names->length += length + 1;
	return true;
}

/* Every node but the homes of domains has a record; those show only in the names of what is below.
 */
static int collect(struct local *local, const char *above, struct names *names)
{
	size_t prefix = strcmp(above, "/") ? strlen(above) : 0;
	char path[STORE_PATH_MAX];
	int at = 0, result;

	while ((result = node_next(local, &at, path)) > 0) {
		const char *child;
		size_t length;

		if (!path_is_below(path, above) || !path[prefix])
			continue;
		child = path + prefix + 1;
		length = strcspn(child, "/");
		if (!has_name(names, child, length) && !add_name(names, child, length))
			return -ENOMEM;
	}
	return result;
}

int local_store_list(struct store *store, const char *path, char **result)
{
	struct names names = { 0 };
	struct store_permissions permissions;
	int error = local_store_get_permissions(store, path, &permissions);

	if (error < 0)
		return error;
	error = records_lock(store->local->records, LOCK_SHARED);
	if (error < 0)
		return error;
	error = add_name(&names, "", 0) ? 0 : -ENOMEM;
	names.length = 0;
	if (error == 0)
		error = collect(store->local, path, &names);
	records_unlock(store->local->records);
	if (error < 0) {
		free(names.block);
		return error == -ENOMEM ? fail(ENOMEM, "no memory for the names below %s", path)
					: error;
	}
	names.block[names.length] = '\0';
	*result = names.block;
	return 0;
}
