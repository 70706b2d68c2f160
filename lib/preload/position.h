/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where a TCP connection's two streams are, by the kernel's own count, so that no byte counts have to be kept and who wrote
 * before, this process, its parent or another program, does not matter. Valid while nobody reads or writes meanwhile.
 */
#ifndef XSOCK_PRELOAD_POSITION_H
#define XSOCK_PRELOAD_POSITION_H

#include <stdbool.h>
#include <stdint.h>

/* Neither end has shut anything down, nothing went wrong. */
bool position_established(int fd);
/* The peer has sent a FIN or a reset. */
bool position_peer_ended(int fd);
/* How many bytes before a position have not come yet. */
uint64_t position_missing(int fd, uint64_t position);
/* Bytes written so far, sent or not. `connector`: this end connected, and the kernel counts its SYN as a byte. */
bool position_written(int fd, bool connector, uint64_t *position);
/* Bytes read so far; false unless the connection is established both ways. */
bool position_read(int fd, uint64_t *position);
/* For a socket that came from elsewhere: did this end connect? False when that cannot be told. */
bool position_connector(int fd, bool *connector);

#endif
