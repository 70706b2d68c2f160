/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* malloc and its like, in front of the C library by the linker's --wrap. */
#include "memory.h"

#include "inject.h"
#include "wraps.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCKS 32768

static struct block {
	void *address;
	uint32_t place;
	void *frames[FRAMES];
} blocks[BLOCKS];

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static unsigned highest;

static void note(void *address)
{
	unsigned at = 0;

	if (inside.depth == 0 || address == NULL)
		return;
	pthread_mutex_lock(&mutex);
	while (at < BLOCKS - 1 && blocks[at].address != NULL)
		at++;
	if (at >= highest)
		highest = at + 1;
	blocks[at].place = inject_frames(blocks[at].frames);
	blocks[at].address = address;
	pthread_mutex_unlock(&mutex);
}

static void forget(const void *address)
{
	if (address == NULL)
		return;
	pthread_mutex_lock(&mutex);
	for (unsigned at = 0; at < highest; at++)
		if (blocks[at].address == address)
			blocks[at].address = NULL;
	while (highest > 0 && blocks[highest - 1].address == NULL)
		highest--;
	pthread_mutex_unlock(&mutex);
}

static bool is_allowed(uint32_t place)
{
	for (unsigned at = 0; at < part->kept_count; at++)
		if (part->kept[at] == place)
			return true;
	return false;
}

void memory_allow(void)
{
	for (unsigned at = 0; at < highest; at++)
		if (blocks[at].address != NULL && !is_allowed(blocks[at].place) &&
		    part->kept_count < sizeof part->kept / sizeof *part->kept)
			part->kept[part->kept_count++] = blocks[at].place;
}

void memory_check(void)
{
	for (unsigned at = 0; at < highest; at++) {
		if (blocks[at].address == NULL || is_allowed(blocks[at].place))
			continue;
		memcpy(part->frames, blocks[at].frames, sizeof part->frames);
		board_defect("a block of memory was not freed (the frames are where it was made)");
	}
}

void *__wrap_malloc(size_t size)
{
	void *block = fails(KIND_MALLOC) ? NULL : __real_malloc(size);

	note(block);
	return block;
}

void *__wrap_calloc(size_t count, size_t size)
{
	void *block = fails(KIND_CALLOC) ? NULL : __real_calloc(count, size);

	note(block);
	return block;
}

void *__wrap_realloc(void *old, size_t size)
{
	void *block;

	if (fails(KIND_REALLOC))
		return NULL;
	forget(old);
	block = __real_realloc(old, size);
	note(block);
	return block;
}

char *__wrap_strdup(const char *text)
{
	char *block = fails(KIND_STRDUP) ? NULL : __real_strdup(text);

	note(block);
	return block;
}

void __wrap_free(void *block)
{
	forget(block);
	__real_free(block);
}
