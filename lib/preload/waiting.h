/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Waiting for a stream, outside every lock, so that a handler may leave by longjmp. */
#ifndef XSOCK_PRELOAD_WAITING_H
#define XSOCK_PRELOAD_WAITING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <poll.h>

struct nudge;
struct stream;

#define WAIT_ENTRIES_MAX 2
#define NO_LIMIT (-1)

/* The time by which a blocking call on this stream has to end, by SO_RCVTIMEO or SO_SNDTIMEO
 * (`option`); NO_LIMIT. */
int64_t wait_limit(const struct stream *stream, int fd, int option);
bool wait_allowed(const struct stream *stream, int fd, int flags);
/* ms until the time, for poll; never less than 0 unless there is no limit. */
int wait_time(int64_t until);

/* Before a wait for bytes, for a moment: 1 they have come; 0 not; -1 with EINTR. */
int wait_asking(struct stream *stream, int64_t until);
/* Until the descriptor is ready for the events, something changed, or the time came: 0 look again;
 * -1 with EINTR or EAGAIN. */
int wait_for(const struct stream *stream, int fd, short events, int64_t until);
/* The same while there is something to read already, but not enough. */
int wait_for_more(int64_t until);
/* With --wait or --strict: until the stream's first meeting has come to an end. False: strict, and
 * there is no ring. */
bool wait_for_ring(struct stream *stream);

/* What else a poll on streams' descriptors has to watch, in a wait that nudge_enter began; how many
 * entries. */
size_t wait_entries(const struct nudge *nudge, struct pollfd entries[WAIT_ENTRIES_MAX]);

#endif
