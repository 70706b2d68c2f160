/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bytes that a receiver can check by their position alone. */
#ifndef TESTS_PRELOAD_SOAK_STREAM_H
#define TESTS_PRELOAD_SOAK_STREAM_H

#include <stddef.h>
#include <stdint.h>

/* The bytes of the stream `key` from `position` on. */
void stream_fill(uint64_t key, uint64_t position, void *buffer, size_t length);
/* -1 when these are them, else the offset of the first that is not. */
int64_t stream_differs(uint64_t key, uint64_t position, const void *buffer, size_t length);
/* The sum of these bytes, for receivers that take a stream between them in any order. */
uint64_t stream_sum(uint64_t key, uint64_t position, uint64_t length);
uint64_t bytes_sum(const void *buffer, size_t length);

/* The next number of a generator; and one below `limit`. */
uint64_t random_next(uint64_t *state);
uint64_t random_below(uint64_t *state, uint64_t limit);

#endif
