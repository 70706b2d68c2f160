/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The local platform: domains are groups of processes of one user, told apart by
 * $XSOCK_LOCAL_DOMAIN, that share the directory $XSOCK_LOCAL_DIR. In it:
 *
 *   domain-<N>   the lock file of domain N; a domain lives while a process holds a lock on it
 *   nodes        the store: its nodes, and who watches it; see records.h
 *   grants/      <granter>-<run>-<mapper>: links to the memfds that hold granted pages
 *   ports/       <offerer>-<port>-<binder>: sockets of channels that are not bound yet
 */
#ifndef XSOCK_PLATFORM_LOCAL_LOCAL_H
#define XSOCK_PLATFORM_LOCAL_LOCAL_H

#include "base/fork.h"
#include "base/owned.h"
#include "platform/platform.h"

#include <dirent.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#define GRANT_BUCKETS 256u
#define NAME_BYTES 64u /* longest: <domain>-<run or port>-<domain>, three numbers */

struct grant;
struct part;
struct records;

struct local {
	struct platform base;
	struct fork_link fork;
	int root_fd, grants_fd, ports_fd;
	struct records *records;
	atomic_bool marked;
	pthread_mutex_t mutex; /* of what follows */
	struct grant *grants[GRANT_BUCKETS];
	struct part *parts[GRANT_BUCKETS]; /* see whole.h */
};

static inline struct local *local_of(struct platform *platform)
{
	return (struct local *)platform;
}

/* Notes "cannot <what>: <reason>" with what raises the limit, if one was hit; returns -error. */
int local_fail(int error, const char *what);

/* directory.c: opens the descriptors of `local`, making what is missing; -errno leaves none open.
 */
int directory_open(struct local *local);
void directory_close(struct local *local);
/* Where it is. */
int directory_path(char path[PATH_MAX]);
/* 0 when directory_open has a chance. */
int directory_probe(void);
/* No domain of this user has ever been there. */
bool directory_is_missing(void);
/* Opens domain N's lock file; `flags` as for open(2). */
int directory_open_domain(struct local *local, unsigned domain, int flags);
/* A stream over the directory that the descriptor is of, or NULL with errno; and its end. */
DIR *directory_list(int fd);
void directory_list_end(DIR *directory);
/* Removes the files of a subdirectory whose name starts with "<domain>-". */
void directory_sweep(int fd, unsigned domain);
/* The number in $XSOCK_LOCAL_DOMAIN. */
int directory_own_domain(unsigned *domain);

/* To be called before something comes to be that death would leave for the sweep. The mark, a byte
 * in the domain's file, lasts until then: where there is none a sweep has nothing to do. */
int local_mark(struct local *local);

/* Shared pages are not inherited by fork; -errno, and they are unmapped, when that cannot be had.
 */
int keep_from_children(void *address, size_t size);

/* A name in ports/ or grants/. */
void local_name(char name[NAME_BYTES], unsigned from, unsigned number, unsigned to);
uint32_t local_random(void);
/* -EINVAL with a sentence when `domain` is no domain's number; the own one is as good as any here.
 */
int local_check_peer(unsigned domain);

/* store.c */
int local_store_open(struct platform *platform, struct store **store);
void local_store_close(struct store *store);
void local_store_abandon(struct store *store);
ssize_t local_store_read(struct store *store, const char *path, char *value, size_t size);
int local_store_write(struct store *store, const char *path, const char *value);
int local_store_put(struct store *store, const char *path, const char *value,
		    const struct store_permissions *permissions);
int local_store_remove(struct store *store, const char *path);
int local_store_get_permissions(struct store *store, const char *path,
				struct store_permissions *permissions);
int local_store_set_permissions(struct store *store, const char *path,
				const struct store_permissions *permissions);

/* list.c */
int local_store_list(struct store *store, const char *path, char **names);

/* watch.c */
int local_store_watch(struct store *store, const char *path);
int local_store_unwatch(struct store *store, const char *path);
int local_store_fd(struct store *store);
int local_store_next(struct store *store, char *path, size_t size);

/* pages.c */
int local_grant(struct platform *platform, unsigned domain, size_t count, uint32_t *references,
		void **address);
int local_grant_beside(struct platform *platform, const void *control, unsigned domain,
		       size_t count, uint32_t *references, void **address);
int local_grant_control(struct platform *platform, unsigned domain, size_t offset,
			struct channel *channel, uint32_t *reference, void **address);
void local_ungrant(struct platform *platform, void *address, size_t count);
int local_map(struct platform *platform, unsigned domain, const uint32_t *references, size_t count,
	      bool writable, void **address);
int local_map_beside(struct platform *platform, const void *control, unsigned domain,
		     const uint32_t *references, size_t count, bool writable, void **address);
int local_map_control(struct platform *platform, unsigned domain, uint32_t reference, size_t offset,
		      struct channel *channel, void **address);
void local_unmap(struct platform *platform, void *address, size_t count);
/* Frees the records of grants and mappings that are still there, in a forked child. */
void pages_abandon(struct local *local);

/* channel.c */
int local_channel_offer(struct platform *platform, unsigned domain, uint32_t *port,
			struct channel **channel);
int local_channel_bind(struct platform *platform, unsigned domain, uint32_t port,
		       struct channel **channel);
void local_channel_close(struct channel *channel);
void local_channel_abandon(struct channel *channel);
int local_channel_notify(struct channel *channel);
int local_channel_drain(struct channel *channel);
int local_channel_fds(struct channel *channel, int fds[CHANNEL_FDS_MAX]);
bool local_channel_lost(struct channel *channel);

#endif
