/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What stands at a program's descriptor number in place of the TCP socket, and shows poll, select,
 * epoll and io_uring what the connection is ready for: one end of a UNIX socket pair whose other
 * end the library drives. An eventfd could not show "not writable".
 */
#ifndef XSOCK_PRELOAD_BELL_H
#define XSOCK_PRELOAD_BELL_H

#include <stdatomic.h>
#include <stdbool.h>

struct bell {
	int stand;  /* a duplicate of what stands at the program's numbers */
	int driver; /* the other end */
	atomic_bool readable;
	bool full, ended;
	atomic_bool over; /* the other end has ended, too */
};

/* None stands anywhere. */
void bell_none(struct bell *bell);
/* Writable and not readable; false when descriptors ran out. */
bool bell_make(struct bell *bell);
void bell_close(struct bell *bell);

void bell_set_readable(struct bell *bell, bool readable);
/* Who waits for an edge gets one, though it was readable before; not once it has ended. */
void bell_ring_again(struct bell *bell);
void bell_set_writable(struct bell *bell, bool writable);
/* No more will come: readable for good, and the hang-up of one direction. Each time an edge for
 * all. */
void bell_end(struct bell *bell);

#endif
