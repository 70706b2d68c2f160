/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One node of the local store: a file in store/ named by the node's path with ':' for '/'. Its
 * first line holds the permissions as XenStore prints them ("n1 r2": owner 1, nothing for others, 2
 * may read), the rest is the value. Files are replaced by renaming, so whoever opens one sees one
 * state of the node.
 */
#ifndef XSOCK_PLATFORM_LOCAL_NODE_H
#define XSOCK_PLATFORM_LOCAL_NODE_H

#include "platform/local/local.h"

struct node {
	struct store_permissions permissions;
	size_t length;
	char value[STORE_VALUE_MAX + 1];
};

/* -ENOENT without a sentence. A domain's home and data/ are always there, as on Xen. */
int node_load(struct local *local, const char *path, struct node *node);
/* The caller holds the store's lock. */
int node_save(struct local *local, const char *path, const struct node *node);
int node_unlink(struct local *local, const char *path);

/* The nearest node above `path` that exists: its permissions; its path's length is returned. */
size_t node_above(struct local *local, const char *path, struct store_permissions *permissions);

enum store_access node_access(const struct store_permissions *permissions, unsigned domain);

/* The longest file name, and its conversions. */
#define NODE_NAME_BYTES STORE_PATH_MAX
void node_file_name(char name[NODE_NAME_BYTES], const char *path);
void node_path(char path[STORE_PATH_MAX], const char *name);

#endif
