/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The syntax of store paths, the same on every platform. */
#ifndef XSOCK_PLATFORM_PATH_H
#define XSOCK_PLATFORM_PATH_H

#include <stdbool.h>

/* 0 for an absolute path of letters, digits, - _ @ and single slashes, none at the end, shorter
 * than STORE_PATH_MAX; else -EINVAL. "/" is one. */
int path_check(const char *path);

/* Is `path` the node `above` or below it? */
bool path_is_below(const char *path, const char *above);

#endif
