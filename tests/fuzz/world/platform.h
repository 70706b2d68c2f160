/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A platform inside one process, on which two ends, A in domain 1 and B in domain 2, meet: it
 * fulfils lib/platform/platform.h without a system call, but that calls fail, references lead to
 * other pages and events come when the input says so.
 */
#ifndef XSOCK_TESTS_FUZZ_PLATFORM_H
#define XSOCK_TESTS_FUZZ_PLATFORM_H

#include "memory.h"
#include "platform/platform.h"

#define DOMAIN_A 1
#define DOMAIN_B 2

void fake_begin(void);
/* Fails the run if a channel, a store or a hold on a platform is left. */
void fake_end(void);

/* "a" and "b" for platform_get. */
struct platform *fake_platform(enum side side);
enum side fake_side(const struct platform *platform);
unsigned fake_domain(enum side side);
/* A call that the input lets fail now: -errno, or 0. */
int fake_failure(void);

/* pages.c */
int fake_grant(struct platform *platform, unsigned domain, size_t count, uint32_t *references,
	       void **address);
int fake_grant_beside(struct platform *platform, const void *control, unsigned domain, size_t count,
		      uint32_t *references, void **address);
int fake_grant_control(struct platform *platform, unsigned domain, size_t offset,
		       struct channel *channel, uint32_t *reference, void **address);
void fake_ungrant(struct platform *platform, void *address, size_t count);
int fake_map(struct platform *platform, unsigned domain, const uint32_t *references, size_t count,
	     bool writable, void **address);
int fake_map_beside(struct platform *platform, const void *control, unsigned domain,
		    const uint32_t *references, size_t count, bool writable, void **address);
int fake_map_control(struct platform *platform, unsigned domain, uint32_t reference, size_t offset,
		     struct channel *channel, void **address);
void fake_unmap(struct platform *platform, void *address, size_t count);
void pages_begin(void);

/* channel.c */
int fake_channel_offer(struct platform *platform, unsigned domain, uint32_t *port,
		       struct channel **channel);
int fake_channel_bind(struct platform *platform, unsigned domain, uint32_t port,
		      struct channel **channel);
void fake_channel_close(struct channel *channel);
void fake_channel_leave(struct channel *channel);
int fake_channel_notify(struct channel *channel);
int fake_channel_drain(struct channel *channel);
int fake_channel_fds(struct channel *channel, int fds[CHANNEL_FDS_MAX]);
bool fake_channel_lost(struct channel *channel);
void channels_begin(void);
void channels_end(void);

/* store.c */
int fake_store_open(struct platform *platform, struct store **store);
void fake_store_close(struct store *store);
ssize_t fake_store_read(struct store *store, const char *path, char *value, size_t size);
int fake_store_write(struct store *store, const char *path, const char *value);
int fake_store_put(struct store *store, const char *path, const char *value,
		   const struct store_permissions *permissions);
int fake_store_remove(struct store *store, const char *path);
int fake_store_get_permissions(struct store *store, const char *path,
			       struct store_permissions *permissions);
int fake_store_set_permissions(struct store *store, const char *path,
			       const struct store_permissions *permissions);
int fake_store_list(struct store *store, const char *path, char **names);
int fake_store_watch(struct store *store, const char *path);
int fake_store_unwatch(struct store *store, const char *path);
int fake_store_fd(struct store *store);
int fake_store_next(struct store *store, char *path, size_t size);
void store_begin(void);
void store_end(void);

#endif
