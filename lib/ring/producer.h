/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The writing end of a ring. One thread uses it; producer_has_space may be asked from any. */
#ifndef XSOCK_RING_PRODUCER_H
#define XSOCK_RING_PRODUCER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "ring/layout.h"
#include "ring/turn.h"

struct producer {
	struct control_direction *shared;
	uint8_t *data;
	uint64_t size;      /* a power of two */
	uint64_t written;   /* bytes put into the ring, published or not */
	uint64_t published; /* private copy of shared->produced.index */
	uint64_t consumed;  /* the consumer's index as last believed */
	uint64_t fetched;   /* up to here its lines were asked for */
	uint32_t turn;      /* the word beside the index, but for what it asks */
};

void producer_init(struct producer *producer, struct control_direction *shared, void *data,
		   uint64_t size);

/* Looks how far the consumer got: 0, or -EPROTO when it claims what cannot be. */
int producer_refresh(struct producer *producer);
/* Bytes free, as of the last refresh. */
static inline size_t producer_free(const struct producer *producer)
{
	return producer->size - (producer->written - producer->consumed);
}
/* Bytes written that the consumer cannot see yet. */
static inline size_t producer_unpublished(const struct producer *producer)
{
	return producer->written - producer->published;
}
/* Copies what fits of `length` bytes, without publishing; how many. */
size_t producer_copy(struct producer *producer, const void *buffer, size_t length);
/* All that is free, in place. */
void producer_spans(const struct producer *producer, struct iovec span[2]);
/* Counts `length` bytes of the spans as written. */
static inline void producer_advance(struct producer *producer, size_t length)
{
	/* Relaxed atomics, as producer_has_space may look from another thread. */
	__atomic_store_n(&producer->written, producer->written + length, __ATOMIC_RELAXED);
}
/* Lets the consumer see what was written; true when it asked to be woken. */
bool producer_publish(struct producer *producer);
/* No more will come, after all that was published. */
void producer_end(struct producer *producer);
/* The consumer said that it reads no more. */
bool producer_refused(const struct producer *producer);

/* For a consumer that reads no more, or is dead: looks for the last time how far it got, -EPROTO as
 * above. From then on nothing may be written, and its index not be looked at. */
int producer_freeze(struct producer *producer);
/* Frozen: copies up to `length` of the bytes that the consumer did not take, published or not, the
 * oldest first, and takes them; how many. */
size_t producer_withdraw(struct producer *producer, void *buffer, size_t length);

/* Any thread: the ring's size, which a turn changes. Who sleeps on it must be woken then. */
static inline uint64_t producer_size(const struct producer *producer)
{
	return __atomic_load_n(&producer->size, __ATOMIC_RELAXED);
}
/* Any thread: are there `need` bytes free? If not, the consumer will wake this end once it has gone
 * on so far that `wake` are (at most the ring), or at once when that is not more than there are. */
bool producer_has_space(const struct producer *producer, uint64_t need, uint64_t wake);

#endif
