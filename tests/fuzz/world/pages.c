/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A reference is a page's number and something above it, so that small numbers are none. */
#include "platform.h"

#include "base/error.h"
#include "lies.h"
#include "input.h"
#include "world.h"

#define REFERENCE 0x10000u
#define CONTROLS 64

/* What a kernel does when an end lets go of its control page: a byte becomes 0. */
static struct {
	const void *address;
	size_t offset;
	struct channel *channel;
} controls[CONTROLS];
static unsigned control_count;

void pages_begin(void)
{
	control_count = 0;
}

int fake_grant(struct platform *platform, unsigned domain, size_t count, uint32_t *references,
	       void **address)
{
	int error = fake_failure();
	long page = error != 0 ? -1 : memory_take(count);

	(void)domain;
	EXPECT(count > 0 && !memory_is_shared(references));
	if (page < 0)
		return error != 0 ? error : fail(ENOSPC, "no more pages");
	for (size_t at = 0; at < count; at++)
		references[at] = REFERENCE + (uint32_t)page + (uint32_t)at;
	*address = memory_give(fake_side(platform), (size_t)page, count, true);
	return 0;
}

int fake_grant_beside(struct platform *platform, const void *control, unsigned domain, size_t count,
		      uint32_t *references, void **address)
{
	(void)control;
	return fake_grant(platform, domain, count, references, address);
}

static void note_control(const void *address, size_t offset, struct channel *channel)
{
	EXPECT(control_count < CONTROLS);
	controls[control_count].address = address;
	controls[control_count].offset = offset;
	controls[control_count++].channel = channel;
}

static void let_go(const void *address)
{
	for (unsigned at = 0; at < control_count; at++)
		if (controls[at].address == address) {
			const char *byte = (const char *)address + controls[at].offset;

			*(uint8_t *)memory_of_peer(byte, 1, true) = 0;
			fake_channel_notify(controls[at].channel);
			controls[at] = controls[--control_count];
			return;
		}
}

int fake_grant_control(struct platform *platform, unsigned domain, size_t offset,
		       struct channel *channel, uint32_t *reference, void **address)
{
	int error = fake_grant(platform, domain, 1, reference, address);

	if (error == 0)
		note_control(*address, offset, channel);
	return error;
}

void fake_ungrant(struct platform *platform, void *address, size_t count)
{
	let_go(address);
	memory_take_back(fake_side(platform), address, count);
}

/* As granted, in a row; or, if the input says so, whatever pages a hostile granter made of it. */
static long find_pages(const uint32_t *references, size_t count)
{
	if (lies_now() && input_below(2) == 1)
		return memory_take(count);
	for (size_t at = 0; at < count; at++)
		if (references[at] != references[0] + at)
			return -1;
	return (long)references[0] - (long)REFERENCE;
}

int fake_map(struct platform *platform, unsigned domain, const uint32_t *references, size_t count,
	     bool writable, void **address)
{
	int error = fake_failure();
	long page = error != 0 ? -1 : find_pages(references, count);

	(void)domain;
	EXPECT(count > 0 && !memory_is_shared(references));
	if (error != 0)
		return error;
	if (page < 0 || !memory_can_give(fake_side(platform), (size_t)page, count))
		return fail(EINVAL, "these pages were not granted");
	*address = memory_give(fake_side(platform), (size_t)page, count, writable);
	return 0;
}

int fake_map_beside(struct platform *platform, const void *control, unsigned domain,
		    const uint32_t *references, size_t count, bool writable, void **address)
{
	(void)control;
	return fake_map(platform, domain, references, count, writable, address);
}

int fake_map_control(struct platform *platform, unsigned domain, uint32_t reference, size_t offset,
		     struct channel *channel, void **address)
{
	int error = fake_map(platform, domain, &reference, 1, true, address);

	if (error == 0)
		note_control(*address, offset, channel);
	return error;
}

void fake_unmap(struct platform *platform, void *address, size_t count)
{
	let_go(address);
	memory_take_back(fake_side(platform), address, count);
}
