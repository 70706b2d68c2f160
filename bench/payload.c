/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "payload.h"

#include <string.h>

#define LINE ((size_t)64)
#define BLOCK_WORDS ((size_t)512)
#define MIX 0x9e3779b97f4a7c15u

static size_t next_line(uint64_t position)
{
	return (LINE - position % LINE) % LINE;
}

/* What begins a line, a byte or a word: a sum of sums, so that order counts. */
static void add_line(struct payload *payload, uint64_t beginning)
{
	payload->lines += beginning;
	payload->order += payload->lines;
}

static void fill_lines(struct payload *payload, char *buffer, size_t length)
{
	for (size_t at = next_line(payload->position); at < length; at += LINE) {
		unsigned char byte = (unsigned char)((payload->position + at) / LINE * MIX >> 56);

		buffer[at] = (char)byte;
		add_line(payload, byte);
	}
}

static void check_lines(struct payload *payload, const char *buffer, size_t length)
{
	for (size_t at = next_line(payload->position); at < length; at += LINE)
		add_line(payload, (unsigned char)buffer[at]);
}

static uint64_t word_at(const char *buffer, size_t index)
{
	uint64_t word;

	memcpy(&word, buffer + 8 * index, 8);
	return word;
}

/* Every word counts for the sum, in which none has to wait for the one before it. */
static uint64_t sum_words(const char *buffer, size_t count)
{
	uint64_t sum = 0;

	for (size_t at = 0; at < count; at++)
		sum += word_at(buffer, at);
	return sum;
}

static void check_block(struct payload *payload, const char *buffer, size_t count)
{
	payload->sum += sum_words(buffer, count);
	for (size_t at = next_line(payload->position) / 8; at < count; at += LINE / 8)
		add_line(payload, word_at(buffer, at));
	payload->position += 8 * count;
}

/* Block by block: what is looked at twice is near then. */
static void check_whole_words(struct payload *payload, const char *buffer, size_t count)
{
	for (size_t done = 0; done < count;) {
		size_t block = count - done < BLOCK_WORDS ? count - done : BLOCK_WORDS;

		check_block(payload, buffer + 8 * done, block);
		done += block;
	}
}

static void make_words(char *buffer, size_t count, uint64_t number)
{
	for (size_t at = 0; at < count; at++) {
		uint64_t word = (number + at) ^ ((number + at) << 40);

		memcpy(buffer + 8 * at, &word, 8);
	}
}

static void fill_words(struct payload *payload, char *buffer, size_t length)
{
	for (size_t done = 0; done < length / 8;) {
		size_t left = length / 8 - done, block = left < BLOCK_WORDS ? left : BLOCK_WORDS;

		make_words(buffer + 8 * done, block, payload->position / 8);
		check_block(payload, buffer + 8 * done, block);
		done += block;
	}
}

/* The bytes of a word that a piece cut in two. */
static void check_part(struct payload *payload, const char *buffer, size_t length)
{
	size_t from = payload->position % 8;

	memcpy((char *)&payload->word + from, buffer, length);
	if (from + length < 8) {
		payload->position += length;
		return;
	}
	payload->position -= from;
	check_whole_words(payload, (const char *)&payload->word, 1);
}

static void check_words(struct payload *payload, const char *buffer, size_t length)
{
	size_t head = (8 - payload->position % 8) % 8, words;

	if (head > length)
		head = length;
	if (head)
		check_part(payload, buffer, head);
	words = (length - head) / 8;
	check_whole_words(payload, buffer + head, words);
	if (head + 8 * words < length)
		check_part(payload, buffer + head + 8 * words, length - head - 8 * words);
}

void payload_fill(struct payload *payload, char *buffer, size_t length)
{
	if (payload->all) {
		fill_words(payload, buffer, length);
		return;
	}
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
