/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "platform/local/node.h"

#include "base/error.h"
#include "platform/local/records.h"
#include "platform/path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct node_record {
	char path[STORE_PATH_MAX];
	struct store_permissions permissions;
	uint32_t length;
	char value[STORE_VALUE_MAX + 1];
};

enum store_access node_access(const struct store_permissions *permissions, unsigned domain)
{
	if (domain == 0 || domain == permissions->owner)
		return ACCESS_BOTH;
	for (unsigned i = 0; i < permissions->count; i++)
		if (permissions->grantee[i].domain == domain)
			return permissions->grantee[i].access;
	return permissions->others;
}

/* What Xen's toolstack makes for each domain: its home, which it may read, and data/, which it
 * owns. */
static bool is_furniture(const char *path, struct store_permissions *permissions)
{
	static const char homes[] = "/local/domain/";
	char *end;
	unsigned long domain;

	*permissions = (struct store_permissions){ 0 };
	if (!strcmp(path, "/") || !strcmp(path, "/local") || !strcmp(path, "/local/domain"))
		return true;
	if (strncmp(path, homes, sizeof homes - 1) || path[sizeof homes - 1] < '0' ||
	    path[sizeof homes - 1] > '9')
		return false;
	domain = strtoul(path + sizeof homes - 1, &end, 10);
	if (domain > DOMAIN_MAX)
		return false;
	if (!strcmp(end, "/data")) {
		permissions->owner = (unsigned)domain;
		return true;
	}
	permissions->count = 1;
	permissions->grantee[0].domain = (unsigned)domain;
	permissions->grantee[0].access = ACCESS_READ;
	return *end == '\0';
}

/* -- in the records -------------------------------------------------------------------------- */

static int read_record(const struct local *local, int at, struct node_record *record)
{
	int result = records_read(local->records, RECORDS_NODES, at, record, sizeof *record);

	if (result < 0)
		return result;
	if (memchr(record->path, '\0', sizeof record->path) &&
	    record->permissions.count <= STORE_GRANTEES_MAX && record->length <= STORE_VALUE_MAX)
		return 0;
	return fail(EIO, "a node of the local store is damaged; remove its file \"nodes\"");
}

/* Its place, -ENOENT without a sentence, or another error. */
static int find(const struct local *local, const char *path, struct node_record *record)
{
	uint64_t key = records_key(path);
	int at = -1;

	while ((at = records_find(local->records, RECORDS_NODES, key, at + 1)) >= 0) {
		int result = read_record(local, at, record);

		if (result < 0)
			return result;
		if (!strcmp(record->path, path))
			return at;
	}
	return -ENOENT;
}

int node_load(struct local *local, const char *path, struct node *node)
{
	struct node_record record;
	int at = find(local, path, &record);

	node->length = 0;
	node->value[0] = '\0';
	if (at == -ENOENT)
		return is_furniture(path, &node->permissions) ? 0 : -ENOENT;
	if (at < 0)
		return at;
	node->permissions = record.permissions;
	node->length = record.length;
	memcpy(node->value, record.value, record.length);
	node->value[record.length] = '\0';
	return 0;
}

int node_save(struct local *local, const char *path, const struct node *node)
{
	struct node_record record;
	int at = find(local, path, &record);
	size_t size = offsetof(struct node_record, value) + node->length;

	if (at < 0 && at != -ENOENT)
		return at;
	/* It goes into the file as it is. */
	memset(&record, 0, offsetof(struct node_record, value));
	snprintf(record.path, sizeof record.path, "%s", path);
	record.permissions = node->permissions;
	record.length = (uint32_t)node->length;
	memcpy(record.value, node->value, node->length);
	if (at < 0)
		return records_add(local->records, RECORDS_NODES, records_key(path), &record, size);
	return records_replace(local->records, RECORDS_NODES, at, &record, size);
}

int node_unlink(struct local *local, const char *path)
{
	struct node_record record;
	int at = find(local, path, &record);

	if (at >= 0)
		records_remove(local->records, RECORDS_NODES, at);
	return at >= 0 || at == -ENOENT ? 0 : at;
}

int node_next(struct local *local, int *at, char path[STORE_PATH_MAX])
{
	struct node_record record;
	int result;

	*at = records_find(local->records, RECORDS_NODES, 0, *at);
	if (*at < 0)
		return 0;
	result = read_record(local, (*at)++, &record);
	if (result < 0)
		return result;
	memcpy(path, record.path, STORE_PATH_MAX);
	return 1;
}

bool node_has_below(struct local *local, const char *path)
{
	struct store_permissions permissions;

	return is_furniture(path, &permissions) ||
	       records_has_child(local->records, records_key(path));
}

int node_above(struct local *local, const char *path, struct store_permissions *permissions)
{
	char above[STORE_PATH_MAX];
	struct node node;
	char *slash;

	snprintf(above, sizeof above, "%s", path);
	while ((slash = strrchr(above, '/')) && slash > above) {
		int result;

		*slash = '\0';
		result = node_load(local, above, &node);
		if (result == 0)
			*permissions = node.permissions;
		if (result != -ENOENT)
			return result < 0 ? result : (int)(slash - above);
	}
	*permissions = (struct store_permissions){ 0 };
	return 0;
}
