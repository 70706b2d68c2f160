/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The kernel resets a TCP connection whose owner ends with bytes unread, and the other end learns that they were. Of bytes in a ring
 * it knows nothing; an end that has the ring itself sees what was unread, one that has left it sees TCP alone. For that one
 * SO_LINGER with no time makes any end a reset, until all is read.
 */
#ifndef XSOCK_PRELOAD_LINGER_H
#define XSOCK_PRELOAD_LINGER_H

#include <stdbool.h>
#include <sys/socket.h>

struct record;

/* False: it could not be set. */
bool linger_reset(struct record *record, int tcp);
/* As the program has it. */
void linger_as_wanted(struct record *record, int tcp);
/* What the program sets and gets meanwhile; false: the kernel's own is the program's. */
bool linger_set(struct record *record, const void *value, socklen_t length);
bool linger_get(const struct record *record, void *value, socklen_t *length);

#endif
