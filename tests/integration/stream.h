/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bytes that a receiver can check by their position alone. */
#ifndef TESTS_INTEGRATION_STREAM_H
#define TESTS_INTEGRATION_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct xsock;

/* The bytes of stream `seed` from position `from` on. */
void stream_fill(uint64_t seed, uint64_t from, void *buffer, size_t length);
bool stream_matches(uint64_t seed, uint64_t from, const void *buffer, size_t length);

/* Sends, or receives and checks, that part of the stream. */
void stream_send(struct xsock *socket, uint64_t seed, uint64_t from, size_t length);
void stream_receive(struct xsock *socket, uint64_t seed, uint64_t from, size_t length);
/* Receives and checks until the end of stream; how many bytes there were. */
uint64_t stream_receive_all(struct xsock *socket, uint64_t seed);

/* Any number below `limit`, from a generator of one's own. */
uint64_t stream_random(uint64_t *state, uint64_t limit);

#endif
