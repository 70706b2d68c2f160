/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ring.h"

#include <sys/mman.h>

#include "../unit.h"

#define GUARD ((size_t)4096)

void ring_open(struct ring *ring, uint64_t size, uint64_t start)
{
	uint8_t *block =
		mmap(NULL, size + 2 * GUARD, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_true(block != MAP_FAILED);
	assert_int_equal(mprotect(block + GUARD, size, PROT_READ | PROT_WRITE), 0);
	*ring = (struct ring){ .data = block + GUARD, .size = size };
	ring->shared.produced.index = ring->shared.consumed.index = start;
	ring->shared.data_wanted.mark = ring->shared.space_wanted.mark = start;
	producer_init(&ring->out, &ring->shared, ring->data, size);
	consumer_init(&ring->in, &ring->shared, ring->data, size);
	ring->out.written = ring->out.published = ring->out.consumed = start;
	ring->in.consumed = ring->in.produced = start;
}

void ring_close(struct ring *ring)
{
	assert_int_equal(munmap(ring->data - GUARD, ring->size + 2 * GUARD), 0);
}

uint8_t ring_byte(uint64_t index)
{
	return (uint8_t)(index ^ (index >> 8) * 31 ^ (index >> 12) * 101);
}

void ring_fill(uint8_t *buffer, uint64_t index, size_t length)
{
	for (size_t at = 0; at < length; at++)
		buffer[at] = ring_byte(index + at);
}

size_t ring_differs(const uint8_t *buffer, uint64_t index, size_t length)
{
	size_t at = 0;

	while (at < length && buffer[at] == ring_byte(index + at))
		at++;
	return at;
}

bool ring_send(struct ring *ring, size_t length)
{
	uint8_t buffer[RING_SIZE];

	assert_true(length <= sizeof buffer);
	ring_fill(buffer, ring->out.written, length);
	assert_int_equal(producer_refresh(&ring->out), 0);
	assert_int_equal(producer_copy(&ring->out, buffer, length), length);
	return producer_publish(&ring->out);
}

bool ring_take(struct ring *ring, size_t length)
{
	uint8_t buffer[RING_SIZE];

	assert_true(length <= sizeof buffer);
	assert_int_equal(consumer_refresh(&ring->in), 0);
	assert_int_equal(consumer_copy(&ring->in, 0, buffer, length), length);
	assert_int_equal(ring_differs(buffer, ring->in.consumed, length), length);
	return consumer_release(&ring->in, length);
}
