/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The reading end of a ring. One thread uses it; consumer_has_data may be asked from any. */
#ifndef XSOCK_RING_CONSUMER_H
#define XSOCK_RING_CONSUMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "base/shared.h"
#include "ring/layout.h"
#include "ring/turn.h"

struct consumer {
	struct control_direction *shared;
	const uint8_t *data;
	uint64_t size;
	uint64_t consumed; /* private copy of shared->consumed.index */
	uint64_t produced; /* the producer's index as last believed */
	uint64_t largest;  /* that the ring may ever be */
	struct turn turn;
};

void consumer_init(struct consumer *consumer, struct control_direction *shared, const void *data,
		   uint64_t size);

/* Looks how far the producer got: 0, or -EPROTO when it claims what cannot be. */
int consumer_refresh(struct consumer *consumer);
/* Bytes to read, as of the last refresh. */
static inline size_t consumer_available(const struct consumer *consumer)
{
	return consumer->produced - consumer->consumed;
}
/* Copies what is there of `length` bytes, from `offset` on, and leaves it in the ring; how many. */
size_t consumer_copy(const struct consumer *consumer, size_t offset, void *buffer, size_t length);
/* All that is there, in place. */
void consumer_spans(const struct consumer *consumer, struct iovec span[2]);
/* Gives `length` bytes of space back; true when the producer asked to be woken. */
bool consumer_release(struct consumer *consumer, size_t length);
/* This end reads no more. */
void consumer_end(struct consumer *consumer);
/* The producer said that no more will come. The reader must refresh once more after this, as
 * the last bytes may have come between its look at the index and at the state. */
bool consumer_finished(const struct consumer *consumer);

/* Any thread: is there anything to read? Nobody is asked to tell when there is. */
static inline bool consumer_grew(const struct consumer *consumer)
{
	return shared_load64(&consumer->shared->produced.index) !=
	       __atomic_load_n(&consumer->consumed, __ATOMIC_RELAXED);
}
/* Any thread: are there `need` bytes? If not, the producer will wake this end when there are; with
 * `eager` for whatever comes, as others wait for less; it may then say yes to fewer, if they came
 * just now. */
bool consumer_has_data(const struct consumer *consumer, uint64_t need, bool eager);
/* Any thread: the ring's size, which a turn changes. */
static inline uint64_t consumer_size(const struct consumer *consumer)
{
	return __atomic_load_n(&consumer->size, __ATOMIC_RELAXED);
}
/* After that said no with `need` over 1: the producer sleeps until more space is free than this
 * end, which waits for more, will give it. It must be woken, or both sleep on. */
bool consumer_starves(const struct consumer *consumer);

#endif
