/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The reading end of a ring: every index, state and turn that it loads is the peer's. */
#include "target.h"

#include "base/shared.h"
#include "ring/consumer.h"
#include "ring/span.h"
#include "world/input.h"
#include "world/memory.h"
#include "world/platform.h"
#include "world/world.h"

#define LARGEST 16u /* pages */
#define STEPS_MOST 1000

static uint8_t buffer[LARGEST * PAGE_BYTES];

static const void *ring_of(unsigned pages)
{
	long page = memory_take(pages);

	return page < 0 ? NULL : memory_give(SIDE_A, (size_t)page, pages, false);
}

/* Whatever was claimed, what is there lies in the ring. */
static void check(const struct consumer *in)
{
	struct iovec span[2];

	EXPECT(in->produced - in->consumed <= in->size && in->size <= LARGEST * PAGE_BYTES);
	consumer_spans(in, span);
	EXPECT(span[0].iov_len + span[1].iov_len == consumer_available(in));
	for (int at = 0; at < 2; at++)
		if (span[at].iov_len > 0)
			memory_of_peer(span[at].iov_base, span[at].iov_len, false);
}

static void take(struct consumer *in)
{
	size_t available = consumer_available(in), length = input_16();
	size_t offset = available > 0 ? input_16() % (available + 1) : 0;
	size_t copied = consumer_copy(in, offset, buffer, length);

	EXPECT(copied <= length && copied <= available - offset);
	consumer_release(in, input_16() % (available + 1));
}

static void expect_ring(struct consumer *in, uint32_t generation)
{
	unsigned pages = 1u << input_below(5);
	const void *data = ring_of(pages);

	if (data != NULL)
		consumer_expect(in, data, (uint64_t)pages * PAGE_BYTES, generation);
}

static void step(struct consumer *in, uint8_t code)
{
	switch (code % 8) {
	case 0:
	case 1:
		if (consumer_refresh(in) != 0)
			EXPECT(in->produced - in->consumed <= in->size);
		break;
	case 2:
	case 3:
		take(in);
		break;
	case 4:
		if (!consumer_has_data(in, 1 + code / 8 * 100u, code & 128))
			consumer_starves(in);
		break;
	case 5:
		expect_ring(in, code / 8);
		break;
	case 6:
		consumer_expect_none(in);
		break;
	default:
		consumer_grew(in);
		if (consumer_finished(in) && code & 128)
			consumer_end(in);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct control_page *control;
	struct consumer in;
	uint64_t start;

	world_begin(data, size);
	control = memory_give(SIDE_A, (size_t)memory_take(1), 1, true);
	consumer_init(&in, &control->direction[0], ring_of(4), 4 * PAGE_BYTES);
	in.largest = LARGEST * PAGE_BYTES;
	/* Indices run freely. */
	start = input_64();
	in.consumed = in.produced = start;
	shared_store64(&control->direction[0].produced.index, start);
	for (int made = 0; made < STEPS_MOST && !input_is_empty(); made++) {
		world_call(0);
		step(&in, input_byte());
		world_called();
		check(&in);
	}
	memory_forget();
	world_end();
	return 0;
}
