/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the connection layer needs from the world, in words. xen/ and local/ fulfil it; one suite
 * (tests/contract) runs against both.
 *
 * Results: 0 or a positive value, or -errno with a sentence left by fail() (base/error.h).
 * Nothing here waits on a peer: each call ends by itself, at worst after a round trip to xenstored.
 * Threads: every call on a struct platform may come from any thread at any time; one store or
 * channel is used by one thread at a time, except that channel_notify may be called at any time.
 * fork: descriptors that would hide the parent's death are closed in a child at once (base/fork.h),
 * shared pages are not there. For what it inherited a child only calls store_abandon,
 * channel_abandon and platform_put, which free memory and touch nothing shared.
 */
#ifndef XSOCK_PLATFORM_PLATFORM_H
#define XSOCK_PLATFORM_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PAGE_BYTES 4096u
#define DOMAIN_MAX 0x7fefu /* Xen: DOMID_FIRST_RESERVED is 0x7ff0 */
#define STORE_PATH_MAX 256u
#define STORE_VALUE_MAX 1024u
#define CHANNEL_FDS_MAX 2

struct platform;
struct store;
struct channel;

/* Who may touch a node: its owner always, the others as said. Xen's letters n, r, w, b. */
enum store_access { ACCESS_NONE = 0, ACCESS_READ = 1, ACCESS_WRITE = 2, ACCESS_BOTH = 3 };

#define STORE_GRANTEES_MAX 4u

struct store_permissions {
	unsigned owner;
	enum store_access others; /* everybody who is not named below */
	unsigned count;
	struct {
		unsigned domain;
		enum store_access access;
	} grantee[STORE_GRANTEES_MAX];
};

struct platform_ops {
	const char *name;
	/* A domain can connect to itself. */
	bool reaches_itself;
	/* Bytes of all names below one node; 0: no limit. */
	unsigned names_room;
	/* channel_lost also tells when the other domain is gone, so nobody has to watch for it. */
	bool channels_tell_all;

	/* 0 when this machine has what the platform needs, else -errno and a sentence. Opens
	 * nothing. */
	int (*probe)(void);
	/* Nobody has used the store yet, so nothing can be in it; opens and makes nothing. NULL:
	 * not known before it is opened. */
	bool (*store_is_empty)(void);
	int (*open)(struct platform **platform);
	void (*close)(struct platform *platform);
	void (*abandon)(struct platform *platform);

	/* 1 a domain of that number lives on this host, 0 none does. */
	int (*domain_exists)(struct platform *platform, unsigned domain);
	/* Removes what dead processes of this domain left outside the store; called while the
	 * caller knows that no other process of the domain uses the platform. */
	void (*sweep)(struct platform *platform);

	/* -- the store: XenStore's paths, owners, permissions, watches ------------------------- */

	int (*store_open)(struct platform *platform, struct store **store);
	void (*store_close)(struct store *store);
	void (*store_abandon)(struct store *store);
	/* Length of the value, which is ended by a NUL in addition. -ENOENT, -EACCES, or -E2BIG for
	 * a value that does not fit. A node missing below a parent that is not readable may be
	 * -EACCES. */
	ssize_t (*store_read)(struct store *store, const char *path, char *value, size_t size);
	/* What changes a node may fail after the change was made, when it cannot be told to all who
	 * watch it. */

	/* Creates the node if need be; a new node has its parent's permissions with the creator as
	 * owner, as XenStore has it: a parent with others = b lets everybody write to the new node
	 * too. What domain 0 makes has its parent's owner, until store_set_permissions says
	 * otherwise. Missing nodes on the way are made too. */
	int (*store_write)(struct store *store, const char *path, const char *value);
	/* The node and all below it; a missing one is success. */
	int (*store_remove)(struct store *store, const char *path);
	int (*store_get_permissions)(struct store *store, const char *path,
				     struct store_permissions *permissions);
	int (*store_set_permissions)(struct store *store, const char *path,
				     const struct store_permissions *permissions);
	/* A write and its permissions, in one step where the platform can. Nothing is left of a
	 * node whose permissions could not be set. */
	int (*store_put)(struct store *store, const char *path, const char *value,
			 const struct store_permissions *permissions);
	/* Names of the children: one block to be given to free(), ended by an empty string. */
	int (*store_list)(struct store *store, const char *path, char **names);
	/* Changes at and below the path are events, one right away: writes, new permissions,
	 * removals (also of a node above, when the domain it belongs to is destroyed). */
	int (*store_watch)(struct store *store, const char *path);
	/* What is not watched may be -ENOENT or 0. Events from before may still come. */
	int (*store_unwatch)(struct store *store, const char *path);
	/* Readable while store_next may have an event. */
	int (*store_fd)(struct store *store);
	/* 1 and the path that changed, or 0. A lost history is an event for the watched path
	 * itself: the reader looks at what is there, not at what it missed. */
	int (*store_next)(struct store *store, char *path, size_t size);

	/* -- pages ---------------------------------------------------------------------------- */

	/* Zeroed pages for one other domain, with a reference each. Not inherited by fork.
	 * -ENOSPC: a limit on grants, named in the sentence. */
	int (*grant)(struct platform *platform, unsigned domain, size_t count, uint32_t *references,
		     void **address);
	/* The same for what comes and goes with a control page that this thread granted: the memory
	 * may be there until all of it is given back. */
	int (*grant_beside)(struct platform *platform, const void *control, unsigned domain,
			    size_t count, uint32_t *references, void **address);
	/* The same for one page whose byte at `offset` becomes 0 and whose channel fires when this
	 * process dies or ungrants it (on Xen the kernel sees to that; where the platform knows of
	 * deaths otherwise it says so through channel_lost and may leave the byte alone). */
	int (*grant_control)(struct platform *platform, unsigned domain, size_t offset,
			     struct channel *channel, uint32_t *reference, void **address);
	void (*ungrant)(struct platform *platform, void *address, size_t count);

	/* Another domain's pages, in order, at one address; references are the peer's word and may
	 * be anything: -EINVAL or -EFAULT for such as were not granted to this domain. Not
	 * inherited by fork. */
	int (*map)(struct platform *platform, unsigned domain, const uint32_t *references,
		   size_t count, bool writable, void **address);
	/* The same for what comes and goes with a control page that was mapped. */
	int (*map_beside)(struct platform *platform, const void *control, unsigned domain,
			  const uint32_t *references, size_t count, bool writable, void **address);
	int (*map_control)(struct platform *platform, unsigned domain, uint32_t reference,
			   size_t offset, struct channel *channel, void **address);
	void (*unmap)(struct platform *platform, void *address, size_t count);

	/* -- event channels ------------------------------------------------------------------- */

	/* A port that `domain` may bind, later or never. */
	int (*channel_offer)(struct platform *platform, unsigned domain, uint32_t *port,
			     struct channel **channel);
	/* Binds a peer's port; -EINVAL for one that was not offered to this domain. */
	int (*channel_bind)(struct platform *platform, unsigned domain, uint32_t port,
			    struct channel **channel);
	void (*channel_close)(struct channel *channel);
	void (*channel_abandon)(struct channel *channel);
	/* Of a domain that was restored from a save, where the kernel knows nothing of it any more:
	 * what is left stays until the process ends. NULL where domains are not saved. */
	void (*channel_leave)(struct channel *channel);
	/* Wakes the other end: its descriptors turn readable, and stay so until it drains. Events
	 * merge; there may be spurious ones; none that follows a drain is lost. What an offerer
	 * sends before a drain has seen the other end bind may be kept back until that drain. */
	int (*channel_notify)(struct channel *channel);
	/* Takes all pending events, without waiting and in bounded time; 1 if there was one, else
	 * 0; -errno when no more can be taken, for want of something here. The set of descriptors
	 * may change here. */
	int (*channel_drain)(struct channel *channel);
	/* The descriptors to poll for POLLIN; how many. */
	int (*channel_fds)(struct channel *channel, int fds[CHANNEL_FDS_MAX]);
	/* The other end's process is known to be dead, or to have closed the channel. May stay
	 * false (see above). Updated by channel_drain. */
	bool (*channel_lost)(struct channel *channel);
	/* Each event wakes who waits for an edge of the descriptors, though an earlier one was not
	 * drained. On Xen a port is masked from an event to its drain. */
	bool channel_repeats;
};

/* The head of each platform's own structure. */
struct platform {
	const struct platform_ops *ops;
	unsigned self; /* this domain's number */
	/* A descriptor, open for writing, of a file that all processes of this domain (and no
	 * others) share: for open-file-description locks. */
	int lock_fd;
	char alive[8];                   /* what this domain's alive node says; conn/presence.c's */
	unsigned references, generation; /* platform.c's */
	bool retired;                    /* see platform_retire */
};

extern const struct platform_ops xen_platform_ops;
extern const struct platform_ops local_platform_ops;

/* The platform called `name`, or with NULL the one $XSOCK_PLATFORM names, or the best that works
 * here. Shared within the process and counted; -EINVAL for an unknown name, -ENODEV for one that
 * does not work here. A forked child gets an instance of its own, and may still put the one it
 * inherited. */
int platform_get(const char *name, struct platform **platform);
/* For one who only looks into the store: 1 with the platform, or 0 without one, and nothing opened
 * or made, when the store is empty. */
int platform_look(const char *name, struct platform **platform);
/* Once more, for one who has it. */
void platform_hold(struct platform *platform);
/* For a domain that was restored: whoever has it keeps it, the next platform_get opens it anew. */
void platform_retire(struct platform *platform);
void platform_put(struct platform *platform);

#endif
