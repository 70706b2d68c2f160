/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The platform that is Xen: thin over libxengnttab, libxenevtchn and libxenstore. */
#ifndef XSOCK_PLATFORM_XEN_XEN_H
#define XSOCK_PLATFORM_XEN_XEN_H

#include "base/fork.h"
#include "base/owned.h"
#include "platform/platform.h"
#include "platform/xen/handle.h"

#include <pthread.h>
#include <xengnttab.h>
#include <xentoollog.h>

struct xen {
	struct platform base;
	struct fork_link fork;
	xengntshr_handle *share;
	xengnttab_handle *table;
	int share_fd, table_fd;       /* theirs; closed at once in a forked child */
	struct store_handle xenstore; /* for questions about domains */
};

static inline struct xen *xen_of(struct platform *platform)
{
	return (struct xen *)platform;
}

/* The libraries would print to stderr: errors are ours to report. */
extern struct xentoollog_logger xen_silence;

/* -EINVAL with a sentence when `domain` cannot be shared with: a page granted to the own domain has
 * crashed kernels. */
int xen_check_peer(struct platform *platform, unsigned domain);

/* store.c */
int xen_store_open(struct platform *platform, struct store **store);
void xen_store_close(struct store *store);
void xen_store_abandon(struct store *store);
ssize_t xen_store_read(struct store *store, const char *path, char *value, size_t size);
int xen_store_write(struct store *store, const char *path, const char *value);
int xen_store_remove(struct store *store, const char *path);
int xen_store_list(struct store *store, const char *path, char **names);
int xen_store_watch(struct store *store, const char *path);
int xen_store_unwatch(struct store *store, const char *path);
int xen_store_fd(struct store *store);
int xen_store_next(struct store *store, char *path, size_t size);

/* permissions.c */
int xen_store_get_permissions(struct store *store, const char *path,
			      struct store_permissions *permissions);
int xen_store_put(struct store *store, const char *path, const char *value,
		  const struct store_permissions *permissions);
int xen_store_set_permissions(struct store *store, const char *path,
			      const struct store_permissions *permissions);

/* pages.c */
int xen_grant(struct platform *platform, unsigned domain, size_t count, uint32_t *references,
	      void **address);
int xen_grant_beside(struct platform *platform, const void *control, unsigned domain, size_t count,
		     uint32_t *references, void **address);
int xen_grant_control(struct platform *platform, unsigned domain, size_t offset,
		      struct channel *channel, uint32_t *reference, void **address);
void xen_ungrant(struct platform *platform, void *address, size_t count);
int xen_map(struct platform *platform, unsigned domain, const uint32_t *references, size_t count,
	    bool writable, void **address);
int xen_map_beside(struct platform *platform, const void *control, unsigned domain,
		   const uint32_t *references, size_t count, bool writable, void **address);
int xen_map_control(struct platform *platform, unsigned domain, uint32_t reference, size_t offset,
		    struct channel *channel, void **address);
void xen_unmap(struct platform *platform, void *address, size_t count);

/* channel.c */
evtchn_port_t xen_channel_port(const struct channel *channel);
int xen_channel_offer(struct platform *platform, unsigned domain, uint32_t *port,
		      struct channel **channel);
int xen_channel_bind(struct platform *platform, unsigned domain, uint32_t port,
		     struct channel **channel);
void xen_channel_close(struct channel *channel);
void xen_channel_abandon(struct channel *channel);
void xen_channel_leave(struct channel *channel);
int xen_channel_notify(struct channel *channel);
int xen_channel_drain(struct channel *channel);
int xen_channel_fds(struct channel *channel, int fds[CHANNEL_FDS_MAX]);
bool xen_channel_lost(struct channel *channel);

#endif
