/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What every interposed call begins with. */
#ifndef XSOCK_PRELOAD_PRELOAD_H
#define XSOCK_PRELOAD_PRELOAD_H

#include <stdbool.h>

#include "preload/real.h"
#include "preload/stream.h"

extern bool preload_started;

void preload_start(void);

/* Other libraries' constructors may call before this one's. */
static inline void started(void)
{
	if (__builtin_expect(!preload_started, 0))
		preload_start();
}

enum way {
	WAY_PLAIN,   /* the C library's call on the same descriptor is all there is to do */
	WAY_CARRIED, /* the stream, a use of it held */
	WAY_FAILED   /* errno is set */
};

/* For calls that move bytes: a first one may begin a meeting and, where asked for, wait for it. */
enum way way_to_transfer(int fd, struct stream **stream);
/* For calls that wait for readiness: begins a meeting, but never waits. */
void way_to_wait(int fd);
/* For what only asks for the stream. */
static inline struct stream *stream_at(int fd)
{
	started();
	return stream_use(fd);
}

/* Follow a socket just made; nothing when there is no memory: plain TCP. */
void stream_follow(int fd, bool connector, bool inherited);
/* No number means it any more; the descriptors stay as they are. Pinned instead, while epoll needs it. */
void stream_forget(struct stream *stream);
/* For a call that only TCP serves: back to TCP, for good. */
void stream_pin(int fd, const char *why);
/* The same for one that moves bytes: -1 with ECONNRESET when the peer died with bytes unread. */
int stream_pin_to_transfer(int fd, const char *why);

#endif
