/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conn/restore.h"

#include <sys/epoll.h>

#include "conn/address.h"
#include "conn/entry.h"
#include "conn/listener.h"
#include "conn/presence.h"
#include "conn/registry.h"

/* How soon to try again to be there under the domain's new number. */
#define AGAIN 100 /* ms */

static void be_in(struct listener *listener, struct platform *platform, struct store *store)
{
	listener->platform = platform;
	listener->store = store;
	listener->wishes.domain = platform->self;
	path_service(listener->path, platform->self, listener->service);
}

/* The name's lock is a file's and stays; the nodes and all else come to be anew. */
static int move(struct listener *listener, struct platform *platform)
{
	struct platform *old_platform = listener->platform;
	struct store *store, *old_store = listener->store;
	int error = platform->ops->store_open(platform, &store);

	if (error != 0)
		return error;
	be_in(listener, platform, store);
	error = listener_watch_store(listener);
	if (error == 0)
		error = listener_make_nodes(listener);
	if (error != 0) {
		be_in(listener, old_platform, old_store);
		platform->ops->store_close(store);
		return error;
	}
	/* A child forked meanwhile holds it too, so closing it would not take it out. */
	epoll_ctl(listener->epoll_fd, EPOLL_CTL_DEL, old_platform->ops->store_fd(old_store), NULL);
	old_platform->ops->store_close(old_store);
	presence_leave(old_platform);
	/* That names the domain. */
	registry_leave(listener->slot);
	listener->slot = registry_enter(REGISTRY_LISTENER, listener, platform);
	return 0;
}

void restore_listener(struct listener *listener)
{
	struct platform *platform;
	int lasts, error;

	if (listener->platform->ops->channels_tell_all)
		return;
	lasts = presence_lasts(listener->platform, listener->store);
	if (lasts < 0)
		listener_look_again(listener);
	if (lasts != 0)
		return;
	/* Its own watch may not have told them yet, and to close a channel of before is fatal. */
	peers_restored(listener->platform);
	entries_drop(listener, true);
	error = presence_enter(listener->platform->ops->name, &platform);
	if (error == 0) {
		error = move(listener, platform);
		if (error != 0)
			presence_leave(platform);
	}
	if (error != 0)
		listener->look_again = deadline_in(AGAIN);
}
