/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls on descriptors that move bytes, with all the ways in which they do less than asked. */
#ifndef BENCH_STREAM_IO_H
#define BENCH_STREAM_IO_H

#include <stdbool.h>
#include <stddef.h>

void socket_send_all(int fd, const char *bytes, size_t length);

/* 0 only without `wait`: nothing is there. */
size_t socket_receive(int fd, char *buffer, size_t size, bool wait);

/* SO_SNDBUF and SO_RCVBUF; past the system's limit where root may. */
void socket_buffers(int fd, size_t bytes);

/* What SO_SNDBUF says; the kernel counts its own overhead in it. */
size_t socket_buffer(int fd);

#endif
