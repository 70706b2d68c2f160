/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Handles of Xen's libraries, with the descriptors inside them owned (base/owned.h) as long as they
 * are open.
 */
#ifndef XSOCK_PLATFORM_XEN_HANDLE_H
#define XSOCK_PLATFORM_XEN_HANDLE_H

#include <xenevtchn.h>
#include <xenstore.h>

/* A connection to XenStore: its socket, or device, and from the first watch on a pipe. */
struct store_handle {
	struct xs_handle *xs;
	int fds[3]; /* -1: not open, or not known */
};

/* 0 or -1 with errno. */
int store_handle_open(struct store_handle *handle);
void store_handle_close(struct store_handle *handle);
/* In a forked child. */
void store_handle_abandon(struct store_handle *handle);
/* To be polled for watches; -1 with errno. */
int store_handle_fd(struct store_handle *handle);

/* Non-blocking; NULL with errno. `fd` is the handle's. */
xenevtchn_handle *events_open(int *fd);
void events_close(xenevtchn_handle *handle);

#endif
