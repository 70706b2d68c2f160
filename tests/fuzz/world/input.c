/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "input.h"

#include <string.h>

static const uint8_t *at, *end;

void input_begin(const uint8_t *data, size_t size)
{
	at = data;
	end = data + size;
}

bool input_is_empty(void)
{
	return at == end;
}

size_t input_bytes(void *buffer, size_t length)
{
	size_t left = (size_t)(end - at);

	if (length > left)
		length = left;
	/* An empty input may lie at NULL. */
	if (length > 0)
		memcpy(buffer, at, length);
	at += length;
	return length;
}

uint8_t input_byte(void)
{
	uint8_t value = 0;

	input_bytes(&value, sizeof value);
	return value;
}

uint16_t input_16(void)
{
	uint16_t value = 0;

	input_bytes(&value, sizeof value);
	return value;
}

uint32_t input_32(void)
{
	uint32_t value = 0;

	input_bytes(&value, sizeof value);
	return value;
}

uint64_t input_64(void)
{
	uint64_t value = 0;

	input_bytes(&value, sizeof value);
	return value;
}

unsigned input_below(unsigned count)
{
	return input_byte() % count;
}

void input_text(char *text, size_t size)
{
	size_t length = input_byte();

	if (length >= size)
		length = size - 1;
	text[input_bytes(text, length)] = '\0';
}
