/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "lies.h"

#include <sanitizer/asan_interface.h>
#include <string.h>

#include "base/shared.h"
#include "input.h"
#include "memory.h"
#include "world.h"

/* From the input's first bytes. */
static unsigned quiet; /* honest looks until the next lie */
static bool told;
/* Once the input is over: added to the last word that lied, or put there and taken away again, at
 * each look at it. */
static uint64_t restless;
static bool toggles;
static const void *restless_word;

void lies_begin(void)
{
	static const uint64_t steps[] = { 0, 0, 0, 1, 64, 4096, UINT64_C(1) << 32, UINT64_MAX };
	uint8_t first = input_byte();

	quiet = input_byte();
	restless = steps[first % 8];
	toggles = (first & 8) != 0;
	restless_word = NULL;
	told = false;
}

bool lies_now(void)
{
	if (input_is_empty())
		return false;
	if (quiet > 0) {
		quiet--;
		return false;
	}
	told = true;
	return true;
}

bool lies_told(void)
{
	return told;
}

/* How many honest looks follow: mostly few. */
static unsigned next_quiet(unsigned code)
{
	return code < 28 ? code : 1u << (code - 23);
}

static uint64_t lie_about(uint64_t value)
{
	uint8_t code = input_byte();

	quiet = next_quiet(code / 8);
	switch (code % 8) {
	case 0:
		return value;
	case 1:
		return value + input_byte();
	case 2:
		return value - input_byte();
	case 3:
		return value + input_16();
	case 4:
		return input_byte();
	case 5: /* a ring of a growing direction */
		value = (uint64_t)input_byte() << 32;
		return value | UINT64_C(1) << input_below(16);
	case 6:
		return input_32();
	default:
		return input_64();
	}
}

/* ------------------------------------------------------------------ the accessor */

static void *look(const void *word, size_t size)
{
	void *mine = memory_of_peer(word, size, false);
	uint64_t value = 0;

	world_work(1);
	memcpy(&value, mine, size);
	if (lies_now()) {
		value = lie_about(value);
		restless_word = mine;
	} else if (input_is_empty() && mine == restless_word) {
		value = toggles ? value ^ restless : value + restless;
	}
	memcpy(mine, &value, size);
	return mine;
}

uint8_t shared_load8(const uint8_t *word)
{
	return *(uint8_t *)look(word, sizeof *word);
}

uint16_t shared_load16(const uint16_t *word)
{
	return *(uint16_t *)look(word, sizeof *word);
}

uint32_t shared_load32(const uint32_t *word)
{
	return *(uint32_t *)look(word, sizeof *word);
}

uint64_t shared_load64(const uint64_t *word)
{
	return *(uint64_t *)look(word, sizeof *word);
}

uint64_t shared_load64_fenced(const uint64_t *word)
{
	return shared_load64(word);
}

void shared_store8(uint8_t *word, uint8_t value)
{
	*(uint8_t *)memory_of_peer(word, sizeof *word, true) = value;
}

void shared_store32(uint32_t *word, uint32_t value)
{
	*(uint32_t *)memory_of_peer(word, sizeof *word, true) = value;
}

void shared_store64(uint64_t *word, uint64_t value)
{
	*(uint64_t *)memory_of_peer(word, sizeof *word, true) = value;
}

void shared_store64_fenced(uint64_t *word, uint64_t value)
{
	shared_store64(word, value);
}

uint32_t shared_settle32(uint32_t *word, uint32_t value)
{
	uint32_t *mine = look(word, sizeof *word);

	if (*mine == 0)
		shared_store32(word, value);
	return *mine;
}

/* The peer scribbles over some bytes before they are copied. */
static void scribble(uint8_t *bytes, size_t length)
{
	size_t at = length > 0 ? input_16() % length : 0;

	input_bytes(bytes + at, length - at < 16 ? length - at : 16);
}

void shared_copy(void *to, const void *from, size_t length)
{
	/* Of no bytes the address counts for nothing. */
	if (length == 0)
		return;
	world_work(1 + length / 64);
	if (memory_is_shared(from)) {
		from = memory_of_peer(from, length, false);
		if (lies_now()) {
			quiet = next_quiet(input_byte() / 8);
			scribble((uint8_t *)(uintptr_t)from, length);
		}
	}
	if (memory_is_shared(to))
		to = memory_of_peer(to, length, true);
	memmove(to, from, length);
}
