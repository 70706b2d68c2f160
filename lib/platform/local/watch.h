/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Watches on the local store. Each store that watches has a pipe, and a record for each path;
 * whoever changes a node at or below it writes one event, the path, into the pipe of each domain
 * that may know of it, opening it through its process's /proc entry. Events have one size that
 * divides a page, so a pipe that is full to the last byte may have missed some: its owner then
 * looks at all that it watches. (inotify would do, but for its 128 instances a user and the 8 to 16
 * ms its close takes; a FIFO with a name takes twice as long as a pipe.)
 */
#ifndef XSOCK_PLATFORM_LOCAL_WATCH_H
#define XSOCK_PLATFORM_LOCAL_WATCH_H

#include "platform/local/local.h"

#define WATCHES_MAX 128u /* as XenStore's quota has it */
#define EVENT_BYTES STORE_PATH_MAX

struct watch;

struct store {
	struct local *local;
	struct fork_link fork;
	int pipe_fds[2]; /* -1 until there is something to watch */
	int pipe_bytes;
	uint64_t pipe_inode;
	unsigned watch_count;
	struct watch *watches;
};

/* Tells all that may know of it that the node changed: those who may read it as it was (NULL: it
 * was not there) or is, or its parent. The caller holds the records' lock. -errno when somebody
 * could not be told. */
int watch_fire(struct local *local, const char *path, const struct store_permissions *before,
	       const struct store_permissions *after);
/* Adds how many watches dead processes of this domain left; removes them, or only counts. 0, or
 * -errno. */
int watch_sweep(struct local *local, bool remove, unsigned *dead);
/* Removes the watches and the pipe; in a forked child the records stay, they are its parent's. */
void watch_end(struct store *store, bool in_child);

#endif
