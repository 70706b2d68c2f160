/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stream.h"

#include <string.h>

static uint64_t mix(uint64_t value)
{
	value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
	value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
	return value ^ (value >> 31);
}

void stream_fill(uint64_t key, uint64_t position, void *buffer, size_t length)
{
	uint8_t *at = buffer;

	while (length > 0) {
		uint64_t word = mix(key * 0x9e3779b97f4a7c15u + position / 8);
		size_t skip = position % 8;
		size_t count = 8 - skip < length ? 8 - skip : length;

		memcpy(at, (const uint8_t *)&word + skip, count);
		at += count;
		position += count;
		length -= count;
	}
}

int64_t stream_differs(uint64_t key, uint64_t position, const void *buffer, size_t length)
{
	const uint8_t *bytes = buffer;
	uint8_t expected[1024];

	for (size_t done = 0; done < length;) {
		size_t count = length - done < sizeof expected ? length - done : sizeof expected;

		stream_fill(key, position + done, expected, count);
		if (memcmp(bytes + done, expected, count) != 0) {
			for (size_t at = 0; at < count; at++)
				if (bytes[done + at] != expected[at])
					return (int64_t)(done + at);
		}
		done += count;
	}
	return -1;
}

uint64_t bytes_sum(const void *buffer, size_t length)
{
	const uint8_t *bytes = buffer;
	uint64_t sum = 0;

	for (size_t at = 0; at < length; at++)
		sum += bytes[at];
	return sum;
}

uint64_t stream_sum(uint64_t key, uint64_t position, uint64_t length)
{
	uint64_t sum = 0;

	while (length > 0) {
		uint8_t bytes[1024];
		size_t count = length < sizeof bytes ? (size_t)length : sizeof bytes;

		stream_fill(key, position, bytes, count);
		sum += bytes_sum(bytes, count);
		position += count;
		length -= count;
	}
	return sum;
}

uint64_t random_next(uint64_t *state)
{
	*state += 0x9e3779b97f4a7c15u;
	return mix(*state);
}

uint64_t random_below(uint64_t *state, uint64_t limit)
{
	return random_next(state) % limit;
}
