/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One node of the local store: its path, permissions and value, in a record. The caller holds the
 * lock of the records, exclusively for what changes a node.
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
int node_save(struct local *local, const char *path, const struct node *node);
int node_unlink(struct local *local, const char *path);

/* The next node from *at on: 1, 0 when there are no more, or -errno of one that cannot be read,
 * which the next call passes over. Removing what was found is allowed. */
int node_next(struct local *local, int *at, char path[STORE_PATH_MAX]);
/* Something may lie below; homes and what is above them are no nodes in the records. */
bool node_has_below(struct local *local, const char *path);

/* The nearest node above `path` that exists: its permissions; its path's length is returned. */
int node_above(struct local *local, const char *path, struct store_permissions *permissions);

enum store_access node_access(const struct store_permissions *permissions, unsigned domain);

#endif
