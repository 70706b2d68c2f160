/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The writing end of a ring: every index and state that it loads is the peer's. */
#include "target.h"

#include "base/shared.h"
#include "ring/producer.h"
#include "ring/span.h"
#include "world/input.h"
#include "world/memory.h"
#include "world/platform.h"
#include "world/world.h"

#define LARGEST 16u /* pages */
#define STEPS_MOST 1000

static uint8_t buffer[2 * LARGEST * PAGE_BYTES];

static void *ring_of(unsigned pages)
{
	long page = memory_take(pages);

	return page < 0 ? NULL : memory_give(SIDE_A, (size_t)page, pages, true);
}

static void check(const struct producer *out, bool frozen)
{
	struct iovec span[2];

	EXPECT(out->written - out->consumed <= out->size && out->size <= LARGEST * PAGE_BYTES);
	EXPECT(frozen || out->written - out->published <= out->size);
	producer_spans(out, span);
	EXPECT(span[0].iov_len + span[1].iov_len == producer_free(out));
	for (int at = 0; at < 2; at++)
		if (span[at].iov_len > 0)
			memory_of_peer(span[at].iov_base, span[at].iov_len, true);
}

static void turn(struct producer *out, uint32_t generation)
{
	unsigned pages = 1u << input_below(5);
	void *data = ring_of(pages);

	if (data == NULL)
		return;
	if (producer_fits(out, (uint64_t)pages * PAGE_BYTES))
		producer_turn(out, data, (uint64_t)pages * PAGE_BYTES, generation);
	else
		producer_keep(out, generation);
}

static void step(struct producer *out, uint8_t code)
{
	size_t length = input_16();

	switch (code % 8) {
	case 0:
	case 1:
		producer_refresh(out);
		break;
	case 2:
	case 3:
		EXPECT(producer_copy(out, buffer, length) <= length);
		break;
	case 4:
		producer_publish(out);
		break;
	case 5:
		producer_has_space(out, 1 + length % out->size,
				   code & 128 ? 0 : length % out->size);
		break;
	case 6:
		turn(out, code / 8);
		break;
	default:
		producer_ask(out, code & 128);
		if (producer_refused(out) && code & 64)
			producer_end(out);
	}
}

/* In the end it takes back what was not read. */
static void withdraw(struct producer *out)
{
	size_t got = 1;

	if (producer_freeze(out) != 0)
		return;
	while (got > 0) {
		got = producer_withdraw(out, buffer,
					input_is_empty() ? sizeof buffer : 1u + input_16());
		check(out, true);
	}
	EXPECT(out->consumed == out->written);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct control_page *control;
	struct producer out;

	world_begin(data, size);
	control = memory_give(SIDE_A, (size_t)memory_take(1), 1, true);
	producer_init(&out, &control->direction[0], ring_of(4), 4 * PAGE_BYTES);
	out.written = out.published = out.consumed = out.fetched = input_64();
	shared_store64(&control->direction[0].consumed.index, out.consumed);
	for (int made = 0; made < STEPS_MOST && !input_is_empty(); made++) {
		world_call(0);
		step(&out, input_byte());
		world_called();
		check(&out, false);
	}
	world_call(0);
	withdraw(&out);
	memory_forget();
	world_end();
	return 0;
}
