/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "payload.h"

#include <string.h>

#define LINE ((size_t)64)
#define MIX 0x9e3779b97f4a7c15u

static size_t next_line(uint64_t position)
{
	return (LINE - position % LINE) % LINE;
}

static void add_byte(struct payload *payload, unsigned char byte)
{
	payload->sum += byte;
	payload->order += payload->sum;
}

static void fill_lines(struct payload *payload, char *buffer, size_t length)
{
	for (size_t at = next_line(payload->position); at < length; at += LINE) {
		unsigned char byte = (unsigned char)((payload->position + at) / LINE * MIX >> 56);

		buffer[at] = (char)byte;
		add_byte(payload, byte);
	}
}

static void check_lines(struct payload *payload, const char *buffer, size_t length)
{
	for (size_t at = next_line(payload->position); at < length; at += LINE)
		add_byte(payload, (unsigned char)buffer[at]);
}

/* Vectors: no word waits for the one before it. */
static void fill_words(struct payload *payload, char *buffer, size_t length)
{
	uint64_t number = payload->position / 8, sum = 0;

	for (size_t at = 0; at < length / 8; at++) {
		uint64_t word = (number + at) ^ ((number + at) << 40);

		memcpy(buffer + 8 * at, &word, 8);
		sum += word ^ ((number + at) << 7);
	}
	payload->sum += sum;
}

static uint64_t sum_words(const char *buffer, size_t count, uint64_t number)
{
	uint64_t sum = 0;

	for (size_t at = 0; at < count; at++) {
		uint64_t word;

		memcpy(&word, buffer + 8 * at, 8);
		sum += word ^ ((number + at) << 7);
	}
	return sum;
}

/* The bytes of a word that a piece cut in two. */
static void check_part(struct payload *payload, const char *buffer, size_t length)
{
	size_t from = payload->position % 8;

	if (from == 0)
		payload->word = 0;
	memcpy((char *)&payload->word + from, buffer, length);
	if (from + length == 8)
		payload->sum += payload->word ^ (payload->position / 8 << 7);
	payload->position += length;
}

static void check_words(struct payload *payload, const char *buffer, size_t length)
{
	size_t head = (8 - payload->position % 8) % 8, words;

	if (head > length)
		head = length;
	if (head)
		check_part(payload, buffer, head);
	words = (length - head) / 8;
	payload->sum += sum_words(buffer + head, words, payload->position / 8);
	payload->position += 8 * words;
	if (head + 8 * words < length)
		check_part(payload, buffer + head + 8 * words, length - head - 8 * words);
}

void payload_fill(struct payload *payload, char *buffer, size_t length)
{
	if (payload->all)
		fill_words(payload, buffer, length);
	else
		fill_lines(payload, buffer, length);
	payload->position += length;
}

void payload_check(struct payload *payload, const char *buffer, size_t length)
{
	if (payload->all) {
		check_words(payload, buffer, length);
		return;
	}
	check_lines(payload, buffer, length);
	payload->position += length;
}

uint64_t payload_checksum(const struct payload *payload)
{
	return payload->sum ^ payload->order * MIX;
}
