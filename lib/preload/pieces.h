/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A walk over a caller's iovec, a few entries at a time: a handler may run on a small stack. */
#ifndef XSOCK_PRELOAD_PIECES_H
#define XSOCK_PRELOAD_PIECES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

#define PIECES_AT_A_TIME 16

struct xsock;

struct pieces {
	const struct iovec *rest; /* behind the entries */
	size_t rest_count;
	struct iovec entries[PIECES_AT_A_TIME];
	size_t count, total; /* of the entries */
	bool nowhere;        /* some piece is: EFAULT, once there is something to move */
};

/* NULL, or as good as that. */
bool pieces_nowhere(const void *address);

/* Is any of them longer than nothing? */
bool pieces_ask(const struct iovec *iov, int count);

/* -1 with EINVAL, as the kernel has it, for a length below 0, and EFAULT for an iovec that is nowhere. */
int pieces_set(struct pieces *pieces, const struct iovec *iov, size_t count);
/* `length` bytes are done. */
void pieces_advance(struct pieces *pieces, size_t length);
/* The same entries, but at most so many bytes. */
void pieces_limit(const struct pieces *pieces, size_t most, struct pieces *limited);
/* MSG_TRUNC on a TCP socket: as many bytes as the entries take are dropped, or only counted with MSG_PEEK. */
ssize_t pieces_discard(struct xsock *ring, const struct pieces *pieces, int flags);

#endif
