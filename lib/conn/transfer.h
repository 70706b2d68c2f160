/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Moving bytes over an open connection. Counts, or -errno; flags are the public ones. */
#ifndef XSOCK_CONN_TRANSFER_H
#define XSOCK_CONN_TRANSFER_H

#include <stdbool.h>
#include <sys/types.h>
#include <sys/uio.h>

struct connection;

ssize_t transfer_send(struct connection *connection, const struct iovec *pieces, int count,
		      int flags);
ssize_t transfer_receive(struct connection *connection, const struct iovec *pieces, int count,
			 int flags);
/* A receive would not wait, as far as memory tells. */
bool transfer_is_receivable(const struct connection *connection);
ssize_t transfer_reserve(struct connection *connection, struct iovec span[2], size_t want,
			 int flags);
int transfer_commit(struct connection *connection, size_t length);
ssize_t transfer_withdraw(struct connection *connection, void *buffer, size_t length);
ssize_t transfer_peek(struct connection *connection, struct iovec span[2], size_t want, int flags);
int transfer_consume(struct connection *connection, size_t length);

#endif
