/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stream.h"

#include "expect.h"

#include <string.h>

#define BLOCK 32768

static uint64_t mix(uint64_t value)
{
	value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
	value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
	return value ^ (value >> 31);
}

void stream_fill(uint64_t seed, uint64_t from, void *buffer, size_t length)
{
	uint8_t *at = buffer;

	while (length > 0) {
		uint64_t word = mix(seed * 0x9e3779b97f4a7c15u + from / 8);
		size_t skip = from % 8;
		size_t count = 8 - skip < length ? 8 - skip : length;

		memcpy(at, (const uint8_t *)&word + skip, count);
		at += count;
		from += count;
		length -= count;
	}
}

bool stream_matches(uint64_t seed, uint64_t from, const void *buffer, size_t length)
{
	const uint8_t *at = buffer;
	uint8_t expected[512];

	while (length > 0) {
		size_t count = length < sizeof expected ? length : sizeof expected;

		stream_fill(seed, from, expected, count);
		if (memcmp(at, expected, count) != 0)
			return false;
		at += count;
		from += count;
		length -= count;
	}
	return true;
}

void stream_send(struct xsock *socket, uint64_t seed, uint64_t from, size_t length)
{
	uint8_t block[BLOCK];

	while (length > 0) {
		size_t count = length < sizeof block ? length : sizeof block;

		stream_fill(seed, from, block, count);
		CHECK_RESULT(xsock_send(socket, block, count, 0), (long)count);
		from += count;
		length -= count;
	}
}

void stream_receive(struct xsock *socket, uint64_t seed, uint64_t from, size_t length)
{
	uint8_t block[BLOCK];

	while (length > 0) {
		size_t limit = length < sizeof block ? length : sizeof block;
		ssize_t count = xsock_recv(socket, block, limit, 0);

		if (count <= 0)
			CHECK_RESULT(count, (long)limit);
		CHECK(stream_matches(seed, from, block, (size_t)count));
		from += (uint64_t)count;
		length -= (size_t)count;
	}
}

uint64_t stream_receive_all(struct xsock *socket, uint64_t seed)
{
	uint64_t total = 0;

	for (;;) {
		uint8_t block[BLOCK];
		ssize_t count = xsock_recv(socket, block, sizeof block, 0);

		if (count < 0)
			CHECK_RESULT(count, 0);
		if (count == 0)
			return total;
		CHECK(stream_matches(seed, total, block, (size_t)count));
		total += (uint64_t)count;
	}
}

uint64_t stream_random(uint64_t *state, uint64_t limit)
{
	*state += 0x9e3779b97f4a7c15u;
	return mix(*state) % limit;
}
