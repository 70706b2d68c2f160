/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conn/references.h"

#include "base/shared.h"

static size_t index_pages(size_t room, size_t count)
{
	return count <= room ? 0 : (count + INDEX_REFERENCES - 1) / INDEX_REFERENCES;
}

int references_show(struct platform *platform, unsigned peer, uint32_t *list, size_t room,
		    const uint32_t *references, size_t count, struct reference_index *index)
{
	uint32_t index_reference[CONTROL_REFERENCES];
	size_t pages = index_pages(room, count);
	int error;

	*index = (struct reference_index){ 0 };
	if (pages == 0) {
		shared_copy(list, references, count * sizeof *references);
		return 0;
	}
	error = platform->ops->grant(platform, peer, pages, index_reference, &index->address);
	if (error != 0)
		return error;
	index->pages = pages;
	shared_copy(index->address, references, count * sizeof *references);
	/* Not by the platform, to which they are words of its own. */
	shared_copy(list, index_reference, pages * sizeof *list);
	return 0;
}

void references_hide(struct platform *platform, struct reference_index *index)
{
	if (index->pages > 0)
		platform->ops->ungrant(platform, index->address, index->pages);
	*index = (struct reference_index){ 0 };
}

static void copy(const uint32_t *list, uint32_t *references, size_t count)
{
	for (size_t at = 0; at < count; at++)
		references[at] = shared_load32(&list[at]);
}

int references_copy(struct platform *platform, unsigned peer, const uint32_t *list, size_t room,
		    uint32_t *references, size_t count)
{
	uint32_t index_reference[CONTROL_REFERENCES];
	size_t pages = index_pages(room, count);
	void *index;
	int error;

	if (pages == 0) {
		copy(list, references, count);
		return 0;
	}
	copy(list, index_reference, pages);
	error = platform->ops->map(platform, peer, index_reference, pages, false, &index);
	if (error != 0)
		return error;
	copy(index, references, count);
	platform->ops->unmap(platform, index, pages);
	return 0;
}
