/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "inspect/memory.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "inspect/holders.h"
#include "inspect/text.h"

#define STEP 64u
#define PIECE 65536u
#define SEARCHED_MOST ((uint64_t)64 << 20) /* bytes of one process */

int memory_open(const struct holder *holder)
{
	return openat(holder->directory_fd, "mem", O_RDONLY | O_CLOEXEC);
}

bool memory_read(int memory_fd, uint64_t address, void *bytes, size_t size)
{
	if (address > INT64_MAX - size)
		return false;
	return pread(memory_fd, bytes, size, (off_t)address) == (ssize_t)size;
}

struct search {
	int memory_fd;
	const char *pattern;
	memory_found *found;
	void *context;
	uint64_t left; /* bytes yet to be searched at most */
	bool done;
};

static void search_piece(struct search *search, uint64_t address, size_t size)
{
	char piece[PIECE];

	if (!memory_read(search->memory_fd, address, piece, size))
		return;
	for (size_t at = 0; at + STEP <= size && !search->done; at += STEP)
		if (!memcmp(piece + at, search->pattern, 16))
			search->done = !search->found(address + at, search->context);
}

static void search_range(struct search *search, uint64_t from, uint64_t to)
{
	while (from < to && !search->done && search->left > 0) {
		uint64_t size = to - from < PIECE ? to - from : PIECE;

		search_piece(search, from, (size_t)size);
		from += size;
		search->left -= size < search->left ? size : search->left;
	}
}

/* Private, to be written, of a file. */
static bool is_data(const struct text_mapping *mapping)
{
	return !strcmp(mapping->rights, "rw-p") && mapping->path[0] == '/';
}

bool memory_search(const struct holder *holder, int memory_fd, const char pattern[16],
		   memory_found *found, void *context)
{
	struct search search = { memory_fd, pattern, found, context, SEARCHED_MOST, false };
	int fd = openat(holder->directory_fd, "maps", O_RDONLY | O_CLOEXEC);
	FILE *maps = fd < 0 ? NULL : fdopen(fd, "r");
	struct text_mapping mapping;
	char line[512];

	if (maps == NULL) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	/* Of a long line the rest is no line of that form. */
	while (!search.done && fgets(line, sizeof line, maps) != NULL)
		if (text_mapping(line, &mapping) && is_data(&mapping))
			search_range(&search, mapping.from, mapping.to);
	fclose(maps);
	return true;
}
