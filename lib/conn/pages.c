/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conn/pages.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/shared.h"
#include "conn/terms.h"

static_assert(sizeof(struct control_page) == PAGE_BYTES, "the control page is one page");

static size_t total_pages(const struct pages *pages)
{
	return pages->ring_pages[0] + pages->ring_pages[1];
}

/* The terms were checked where they came in; that no ring outgrows its pages is checked here again.
 */
static int plan_pages(struct pages *pages, struct platform *platform, const struct pages_plan *plan,
		      bool granted)
{
	uint64_t largest = plan->ring_bytes[0] | plan->ring_bytes[1];

	*pages = (struct pages){ .platform = platform, .granted = granted };
	if (largest == 0 || !ring_bytes_valid(plan->ring_bytes[0]) ||
	    !ring_bytes_valid(plan->ring_bytes[1]))
		return fail(EPROTO, "rings of %llu and %llu bytes cannot be",
			    (unsigned long long)plan->ring_bytes[0],
			    (unsigned long long)plan->ring_bytes[1]);
	for (int way = 0; way < 2; way++)
		pages->ring_pages[way] = plan->ring_bytes[way] / PAGE_BYTES;
	return 0;
}

/* ------------------------------------------------------------------ granting */

static int grant_rings(struct pages *pages, unsigned peer)
{
	const struct platform_ops *ops = pages->platform->ops;
	size_t count = total_pages(pages);
	uint32_t *references = malloc(count * sizeof *references);
	size_t before = 0;
	int error = 0;

	if (references == NULL)
		return fail(ENOMEM, "no memory for %zu grant references", count);
	for (int way = 0; way < 2 && error == 0; way++) {
		if (pages->ring_pages[way] > 0)
			error = ops->grant_beside(pages->platform, pages->control, peer,
						  pages->ring_pages[way], references + before,
						  &pages->ring[way]);
		before += pages->ring_pages[way];
	}
	if (error == 0)
		error = references_show(pages->platform, peer, pages->control->reference,
					CONTROL_REFERENCES, references, count, &pages->index);
	free(references);
	return error;
}

static void write_header(struct control_page *control, const struct pages_plan *plan)
{
	const struct control_header header = {
		.magic = CONTROL_MAGIC,
		.version = CONTROL_VERSION,
		.one_way = plan->one_way,
		.nonce = plan->nonce,
		.ring_bytes = { plan->ring_bytes[0], plan->ring_bytes[1] },
	};

	shared_copy(&control->header, &header, sizeof header);
}

int pages_grant(struct pages *pages, struct platform *platform, const struct pages_plan *plan,
		struct channel *channel, uint32_t *reference)
{
	void *control;
	int error;

	error = plan_pages(pages, platform, plan, true);
	if (error != 0)
		return error;
	error = platform->ops->grant_control(platform, plan->peer,
					     offsetof(struct control_page, granter.alive), channel,
					     reference, &control);
	if (error != 0)
		return error;
	pages->control = control;
	error = grant_rings(pages, plan->peer);
	if (error != 0) {
		pages_release(pages, false);
		return error;
	}
	write_header(pages->control, plan);
	shared_store8(&pages->control->granter.alive, 1);
	return 0;
}

/* ------------------------------------------------------------------ mapping */

static int check_header(const struct control_page *control, const struct pages_plan *plan)
{
	const struct control_header *header = &control->header;

	if (shared_load32(&header->magic) != CONTROL_MAGIC)
		return fail(EPROTO, "the page that domain %u offered is no control page",
			    plan->peer);
	if (shared_load16(&header->version) != CONTROL_VERSION)
		return fail(EPROTO, "domain %u's control page has another version than %u",
			    plan->peer, CONTROL_VERSION);
	if (shared_load64(&header->nonce) != plan->nonce)
		return fail(EPROTO, "domain %u's control page is another connection's", plan->peer);
	if (shared_load64(&header->ring_bytes[0]) != plan->ring_bytes[0] ||
	    shared_load64(&header->ring_bytes[1]) != plan->ring_bytes[1] ||
	    shared_load32(&header->one_way) != plan->one_way)
		return fail(EPROTO, "domain %u's control page names other rings than agreed",
			    plan->peer);
	return 0;
}

static int map_rings(struct pages *pages, const struct pages_plan *plan)
{
	const struct platform_ops *ops = pages->platform->ops;
	size_t count = total_pages(pages);
	uint32_t *references = malloc(count * sizeof *references);
	size_t before = 0;
	int error;

	if (references == NULL)
		return fail(ENOMEM, "no memory for %zu grant references", count);
	error = references_copy(pages->platform, plan->peer, pages->control->reference,
				CONTROL_REFERENCES, references, count);
	for (int way = 0; way < 2 && error == 0; way++) {
		bool writable = way == MAPPER_TO_GRANTER || plan->one_way;

		if (pages->ring_pages[way] > 0)
			error = ops->map_beside(pages->platform, pages->control, plan->peer,
						references + before, pages->ring_pages[way],
						writable, &pages->ring[way]);
		before += pages->ring_pages[way];
	}
	free(references);
	return error;
}

int pages_map(struct pages *pages, struct platform *platform, const struct pages_plan *plan,
	      struct channel *channel, uint32_t reference)
{
	void *control;
	int error;

	error = plan_pages(pages, platform, plan, false);
	if (error != 0)
		return error;
	error = platform->ops->map_control(platform, plan->peer, reference,
					   offsetof(struct control_page, mapper.alive), channel,
					   &control);
	if (error != 0)
		return error;
	pages->control = control;
	error = check_header(pages->control, plan);
	if (error == 0)
		error = map_rings(pages, plan);
	if (error != 0) {
		pages_release(pages, false);
		return error;
	}
	shared_store8(&pages->control->mapper.alive, 1);
	return 0;
}

/* ------------------------------------------------------------------ life */

void pages_say_hello(struct pages *pages, uint64_t nonce)
{
	shared_store64(&pages->control->mapper.hello, nonce);
}

int pages_heard_hello(const struct pages *pages, uint64_t nonce)
{
	uint64_t hello = shared_load64(&pages->control->mapper.hello);

	if (hello == 0)
		return 0;
	if (hello != nonce)
		return fail(EPROTO, "the mapper answered for another connection");
	return 1;
}

void pages_give_back(const struct pages *pages, void *address, size_t count, bool wipe)
{
	const struct platform_ops *ops = pages->platform->ops;

	if (address == NULL || count == 0)
		return;
	if (wipe && pages->granted)
		explicit_bzero(address, count * PAGE_BYTES);
	if (pages->granted)
		ops->ungrant(pages->platform, address, count);
	else
		ops->unmap(pages->platform, address, count);
}

static void give_rings_back(const struct pages *pages, bool wipe)
{
	for (int way = 0; way < 2; way++)
		pages_give_back(pages, pages->ring[way], pages->ring_pages[way], wipe);
}

void pages_leave(struct pages *pages)
{
	give_rings_back(pages, true);
	references_hide(pages->platform, &pages->index);
	*pages = (struct pages){ 0 };
}

void pages_release(struct pages *pages, bool wipe)
{
	give_rings_back(pages, wipe);
	references_hide(pages->platform, &pages->index);
	/* Last, and never wiped: letting it go is what tells the peer. */
	pages_give_back(pages, pages->control, 1, false);
	*pages = (struct pages){ 0 };
}
