/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Both ends of a ring over plain memory, whose neighbour pages cannot be touched. */
#ifndef XSOCK_TESTS_UNIT_RING_RING_H
#define XSOCK_TESTS_UNIT_RING_RING_H

#include "ring/consumer.h"
#include "ring/producer.h"

#define RING_SIZE ((uint64_t)4096)

struct ring {
	struct control_direction shared;
	struct producer out;
	struct consumer in;
	uint8_t *data;
	uint64_t size;
};

/* Starts with all indices, and the marks, at `start`, as if that many bytes had gone through. */
void ring_open(struct ring *ring, uint64_t size, uint64_t start);
void ring_close(struct ring *ring);

/* What byte number `index` of the stream is: differs between bytes a ring apart. */
uint8_t ring_byte(uint64_t index);
void ring_fill(uint8_t *buffer, uint64_t index, size_t length);
/* Of the first byte in `buffer` that is not what it should be, else `length`. */
size_t ring_differs(const uint8_t *buffer, uint64_t index, size_t length);

/* Copies `length` bytes in and publishes them; was the consumer to be woken? */
bool ring_send(struct ring *ring, size_t length);
/* Refreshes, takes `length` bytes and checks them; was the producer to be woken? */
bool ring_take(struct ring *ring, size_t length);

#endif
