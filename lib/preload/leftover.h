/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a process took out of its ring for all that hold the connection: first so many bytes of TCP (left_tcp), then what lies in
 * the record's area, then TCP again. Under the lock of the incoming half.
 */
#ifndef XSOCK_PRELOAD_LEFTOVER_H
#define XSOCK_PRELOAD_LEFTOVER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct pieces;
struct record;
struct stream;

/* Bytes in the area. While there are any this is where to read. */
size_t leftover_size(const struct record *record);
/* All that the other end left in the ring. False: it does not fit, or the ring broke. */
bool leftover_take(struct stream *stream);
ssize_t leftover_receive(struct record *record, int tcp, const struct pieces *pieces, int flags);
/* Behind the bytes of TCP in front of the area, which were peeked at. */
size_t leftover_peek_behind(struct record *record, const struct pieces *pieces, int flags);
/* Of so many bytes in TCP's queue and those in the area, how many can be read now? */
size_t leftover_queued(const struct record *record, size_t tcp);

#endif
