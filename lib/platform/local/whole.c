/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "platform/local/whole.h"

#include "base/error.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

struct whole {
	char *base;
	size_t pages, used; /* parts are handed out in ascending order, once */
	unsigned run;
	unsigned parts; /* that are left */
};

struct part {
	struct part *next;
	struct whole *whole;
	const void *address;
};

static struct part **bucket(struct local *local, const void *address)
{
	return &local->parts[(uintptr_t)address / PAGE_BYTES % GRANT_BUCKETS];
}

static struct part **find(struct local *local, const void *address)
{
	struct part **slot = bucket(local, address);

	while (*slot && (*slot)->address != address)
		slot = &(*slot)->next;
	return slot;
}

static void add_locked(struct local *local, struct part *part)
{
	struct part **first = bucket(local, part->address);

	part->next = *first;
	*first = part;
	part->whole->parts++;
}

/* No more than a reference can name, however large the peer made it; as open_run saw, `page` is in
 * it. */
static int map_run(struct whole *whole, int fd, size_t page)
{
	struct stat status;
	void *base;

	if (fstat(fd, &status))
		return local_fail(errno, "look at granted memory");
	whole->pages = (size_t)status.st_size / PAGE_BYTES;
	whole->pages = whole->pages > RUN_PAGES ? RUN_PAGES : whole->pages;
	if (whole->pages <= page)
		return fail(EINVAL, "page %zu of granted memory is not there", page);
	base = mmap(NULL, whole->pages * PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (base == MAP_FAILED)
		return local_fail(errno, "map granted memory");
	whole->base = base;
	return keep_from_children(base, whole->pages * PAGE_BYTES);
}

int whole_map(struct local *local, int fd, uint32_t reference, void **address)
{
	struct whole *whole = calloc(1, sizeof *whole);
	struct part *part = calloc(1, sizeof *part);
	size_t page = reference % RUN_PAGES;
	int result = whole && part ? map_run(whole, fd, page)
				   : fail(ENOMEM, "no memory for a mapping's record");

	if (result < 0) {
		free(whole);
		free(part);
		return result;
	}
	whole->run = reference >> RUN_SHIFT;
	whole->used = page + 1;
	part->whole = whole;
	part->address = *address = whole->base + page * PAGE_BYTES;
	pthread_mutex_lock(&local->mutex);
	add_locked(local, part);
	pthread_mutex_unlock(&local->mutex);
	return 0;
}

static bool fits(const struct whole *whole, const uint32_t *references, size_t count)
{
	size_t page = references[0] % RUN_PAGES;

	if (references[0] >> RUN_SHIFT != whole->run || page < whole->used ||
	    count > whole->pages || page > whole->pages - count)
		return false;
	for (size_t i = 1; i < count; i++)
		if (references[i] != references[0] + i)
			return false;
	return true;
}

bool whole_part(struct local *local, const void *control, const uint32_t *references, size_t count,
		bool writable, void **address)
{
	struct part *other, *part = calloc(1, sizeof *part);
	bool done = false;
	void *start = NULL;
	size_t page;

	if (!part)
		return false;
	page = count > 0 ? references[0] % RUN_PAGES : 0;
	pthread_mutex_lock(&local->mutex);
	other = *find(local, control);
	if (count > 0 && other && fits(other->whole, references, count)) {
		start = other->whole->base + page * PAGE_BYTES;
		part->whole = other->whole;
		part->address = start;
		done = writable || !mprotect(start, count * PAGE_BYTES, PROT_READ);
	}
	if (done) {
		*address = start;
		part->whole->used = page + count;
		add_locked(local, part);
	}
	pthread_mutex_unlock(&local->mutex);
	if (!done)
		free(part);
	return done;
}

bool whole_unmap(struct local *local, const void *address)
{
	struct whole *whole = NULL;
	struct part **slot, *part;

	pthread_mutex_lock(&local->mutex);
	slot = find(local, address);
	part = *slot;
	if (part) {
		*slot = part->next;
		whole = --part->whole->parts == 0 ? part->whole : NULL;
	}
	pthread_mutex_unlock(&local->mutex);
	if (whole)
		munmap(whole->base, whole->pages * PAGE_BYTES);
	free(whole);
	if (!part)
		return false;
	free(part);
	return true;
}

void whole_abandon(struct local *local)
{
	for (unsigned i = 0; i < GRANT_BUCKETS; i++) {
		while (local->parts[i]) {
			struct part *part = local->parts[i];

			local->parts[i] = part->next;
			if (--part->whole->parts == 0)
				free(part->whole);
			free(part);
		}
	}
}
