/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Indices run freely; here they become places in the ring and moments to wake somebody. */
#ifndef XSOCK_RING_SPAN_H
#define XSOCK_RING_SPAN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#include "base/shared.h"

/* What is written, or read, and told to the other end at once, so that it can go on meanwhile. */
static inline uint64_t ring_part(uint64_t size)
{
	return size / 8;
}

/* The `length` bytes from `index` on, in one or two pieces. */
static inline void ring_spans(uint8_t *data, uint64_t size, uint64_t index, uint64_t length,
			      struct iovec span[2])
{
	uint64_t start = index & (size - 1);
	uint64_t first = length < size - start ? length : size - start;

	span[0] = (struct iovec){ .iov_base = data + start, .iov_len = first };
	span[1] = (struct iovec){ .iov_base = data, .iov_len = length - first };
}

/* An index that went from `from` to `to` reached or passed `mark` on the way. A mark left over
 * from earlier lies behind `from`, so it needs no disarming. */
static inline bool ring_crossed(uint64_t mark, uint64_t from, uint64_t to)
{
	return to - mark < to - from;
}

/* An index that another end moves, and where it should be. */
struct ring_goal {
	const uint64_t *index;
	uint64_t at;
};

/* What is there is a peer's word, and only compared. */
static inline bool ring_reached(const void *wanted)
{
	const struct ring_goal *goal = wanted;

	return (int64_t)(shared_load64(goal->index) - goal->at) >= 0;
}

#endif
