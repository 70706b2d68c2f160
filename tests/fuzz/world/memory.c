/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "memory.h"

#include <sanitizer/asan_interface.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "platform/platform.h"
#include "world.h"

#define PAGES 8192u
#define BYTES ((size_t)PAGES * PAGE_BYTES)

enum { VIEW_PEER = 2, VIEWS };

enum having { HAS_NOT, READS, WRITES };

static uint8_t *view[VIEWS];
static int memory_fd;
static uint8_t has[2][PAGES];
static size_t used, given, stays;

static void map_views(void)
{
	memory_fd = memfd_create("fuzz", MFD_CLOEXEC);
	EXPECT(memory_fd >= 0 && ftruncate(memory_fd, (off_t)BYTES) == 0);
	for (int at = 0; at < VIEWS; at++) {
		view[at] = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, memory_fd, 0);
		EXPECT(view[at] != MAP_FAILED);
		if (at != VIEW_PEER)
			__asan_poison_memory_region(view[at], BYTES);
	}
}

void memory_begin(void)
{
	if (view[0] == NULL)
		map_views();
	memset(has, HAS_NOT, sizeof has);
	used = given = stays = 0;
}

void memory_end(void)
{
	EXPECT(given <= stays);
}

void memory_may_stay(void)
{
	stays++;
}

long memory_take(size_t count)
{
	size_t first = used;

	if (count > PAGES - used)
		return -1;
	used += count;
	memset(view[VIEW_PEER] + first * PAGE_BYTES, 0, count * PAGE_BYTES);
	return (long)first;
}

bool memory_can_give(enum side side, size_t page, size_t count)
{
	if (page > used || count > used - page)
		return false;
	for (size_t at = page; at < page + count; at++)
		if (has[side][at] != HAS_NOT)
			return false;
	return true;
}

void *memory_give(enum side side, size_t page, size_t count, bool writable)
{
	memset(&has[side][page], writable ? WRITES : READS, count);
	given += count;
	return view[side] + page * PAGE_BYTES;
}

void memory_take_back(enum side side, const void *address, size_t count)
{
	size_t page = memory_page(side, address);

	for (size_t at = page; at < page + count; at++) {
		EXPECT(has[side][at] != HAS_NOT);
		has[side][at] = HAS_NOT;
	}
	given -= count;
}

void memory_forget(void)
{
	memset(has, HAS_NOT, sizeof has);
	given = 0;
}

static int view_of(const void *address)
{
	for (int at = 0; at < VIEW_PEER; at++)
		if ((uintptr_t)address - (uintptr_t)view[at] < BYTES)
			return at;
	return -1;
}

size_t memory_page(enum side side, const void *address)
{
	size_t offset = (uintptr_t)address - (uintptr_t)view[side];

	EXPECT(offset < BYTES && offset % PAGE_BYTES == 0);
	return offset / PAGE_BYTES;
}

bool memory_is_shared(const void *address)
{
	return view_of(address) >= 0;
}

void *memory_of_peer(const void *address, size_t length, bool to_write)
{
	int side = view_of(address);
	size_t offset;

	EXPECT(side >= 0);
	offset = (uintptr_t)address - (uintptr_t)view[side];
	EXPECT(length <= BYTES - offset);
	for (size_t at = offset / PAGE_BYTES; at * PAGE_BYTES < offset + length; at++)
		EXPECT(has[side][at] == WRITES || (has[side][at] == READS && !to_write));
	return view[VIEW_PEER] + offset;
}
