/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Watches on the local store. Each store that watches has a FIFO in watches/; whoever changes a
 * node writes one record, the path, into the FIFO of each domain that may know of it. Records have
 * one size that divides a page, so a FIFO that is full to the last byte may have missed some: its
 * owner then looks at all that it watches. (inotify would do, but for its 128 instances a user and
 * the 8 to 16 ms its close takes.)
 */
#ifndef XSOCK_PLATFORM_LOCAL_WATCH_H
#define XSOCK_PLATFORM_LOCAL_WATCH_H

#include "platform/local/local.h"

#define WATCHES_MAX 128u /* as XenStore's quota has it */
#define RECORD_BYTES STORE_PATH_MAX

#define STORE_LOCK_LIMIT 5000 /* ms; a change takes microseconds */

struct watch;

struct store {
	struct local *local;
	struct fork_link fork;
	int lock_fd;
	int fifo_fd; /* -1 until there is something to watch */
	unsigned fifo_number, watch_count;
	struct watch *watches;
};

/* Tells all that may know of it that the node changed: those who may read it as it was (NULL: it
 * was not there) or is, or its parent. */
void watch_fire(struct local *local, const char *path, const struct store_permissions *before,
		const struct store_permissions *after);
/* Removes the FIFO and frees the watches; in a forked child the FIFO stays. */
void watch_end(struct store *store, bool in_child);

#endif
