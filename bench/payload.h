/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What goes through a connection: bytes that follow from their position in the stream, so that both
 * ends can add up the same checksum, however the stream is cut in pieces. The sum notices what is
 * lost, doubled, changed or out of order.
 */
#ifndef BENCH_PAYLOAD_H
#define BENCH_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct payload {
	bool all;          /* touch every byte, else the first of each 64 */
	uint64_t position; /* in the stream */
	uint64_t sum, lines;
	uint64_t order;
	uint64_t word; /* one that a piece cut in two */
};

/* Makes the next `length` bytes of the stream, a multiple of 8. */
void payload_fill(struct payload *payload, char *buffer, size_t length);

/* Looks at the next bytes that came. */
void payload_check(struct payload *payload, const char *buffer, size_t length);

uint64_t payload_checksum(const struct payload *payload);

#endif
