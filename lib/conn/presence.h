/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * This domain's presence in XenStore: data/xsock/alive, readable by all, there as long as a process
 * of the domain uses xsock. Peers watch it, as it disappears with the domain. Locks that the kernel
 * drops when a process dies tell the first and the last process of the domain, who clean up what
 * dead ones left behind.
 */
#ifndef XSOCK_CONN_PRESENCE_H
#define XSOCK_CONN_PRESENCE_H

#include "platform/platform.h"

/* The platform called `name` (NULL: the default), opened, with this process announced on it.
 * Counted: each success needs a presence_leave. */
int presence_enter(const char *name, struct platform **platform);
void presence_leave(struct platform *platform);
/* Once more, for one who is in; it needs a presence_leave too. */
void presence_hold(struct platform *platform);

/* 0 once this domain was saved and restored: it has another number, or another home, its grants and
 * channels are gone. 1, or -errno. Asks XenStore. */
int presence_lasts(struct platform *platform, struct store *store);

/* It was not, as somebody found: what is open on the platform goes on to be closed, what is opened
 * from now on is of the domain as it is. */
void presence_leave_behind(struct platform *platform);

/* Takes a service's name in this domain; the descriptor holds it until it is closed, by death too.
 * -EADDRINUSE. */
int presence_take_name(struct platform *platform, const char *service, int *fd);
/* Frees the name again; *fd may be -1. */
void presence_drop_name(const char *service, int *fd);

/* For those who only look, by a descriptor of the domain's lock file: a process is in; a listener
 * has the name. 1, 0, or -errno. */
int presence_anyone(int lock_fd);
int presence_name_taken(int lock_fd, const char *service);

#endif
