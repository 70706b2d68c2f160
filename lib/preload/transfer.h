/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A program's reads and writes, wherever the bytes go at the moment. Results and errno as the kernel has them for TCP. */
#ifndef XSOCK_PRELOAD_TRANSFER_H
#define XSOCK_PRELOAD_TRANSFER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

struct stream;

/* Inside: the way changed, look again. No errno of the kernel's for sockets. */
#define ECHANGED ERESTART
/* Inside: another process has the ring. */
#define EELSEWHERE EXDEV

ssize_t transfer_receive(struct stream *stream, int fd, const struct iovec *iov, size_t count,
			 int flags);
ssize_t transfer_send(struct stream *stream, int fd, const struct iovec *iov, size_t count,
		      int flags);
/* From a file's offset, or its position when NULL. */
ssize_t transfer_send_file(struct stream *stream, int fd, int file, off_t *offset, size_t length);
int transfer_shutdown(struct stream *stream, int fd, int how);
/* Bytes that can be read now, as FIONREAD; and not taken by the peer yet, as SIOCOUTQ. */
int transfer_queued_in(struct stream *stream, int fd);
int transfer_queued_out(struct stream *stream, int fd);
/* The first with the lock of the incoming half held, after a look at the ring. */
uint64_t queued_in(struct stream *stream, int tcp);

#endif
