/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Before a thread sleeps it asks for a moment whether the next bytes come anyway: to be woken costs
 * more. Bytes in rings only; whatever else the call waits for waits as long, 50 us at most, and
 * only while asking is not in vain. A handler ends it.
 */
#ifndef XSOCK_PRELOAD_ASKING_H
#define XSOCK_PRELOAD_ASKING_H

#include <stdbool.h>
#include <stddef.h>
#include <poll.h>

struct stream;

/* Of more connections that one call waits for, it asks none. */
#define ASKED_MOST 16

struct asked {
	struct stream *streams[ASKED_MOST];
	size_t count;
	bool too_many;
};

/* Asking was not in vain of late, in this thread. For each sleep once, then who is asked: */
bool asking_is_due(void);
/* those of the call's connections that are on a ring. */
void asked_stream(struct asked *asked, struct stream *stream);
void asked_entries(struct asked *asked, const struct pollfd *entries, size_t count);
void asked_set(struct asked *asked, int epoll_fd);

enum answer {
	ANSWER_NONE,
	ANSWER_BYTES,
	ANSWER_INTERRUPTED /* a handler ran, with SA_RESTART or without */
};

enum answer ask(const struct asked *asked);
/* The bells of those to which bytes have come show it from now on. */
void asked_show(const struct asked *asked);
void asked_done(struct asked *asked);

#endif
