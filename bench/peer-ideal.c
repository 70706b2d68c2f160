/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The limit: a ring for one writer and one reader who trust each other and never sleep. No checks,
 * no death, no wake-ups.
 */
#include "adaptors.h"

#include "fail.h"
#include "relax.h"
#include "scenario.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

struct ring {
	_Alignas(128) _Atomic uint64_t head; /* bytes written */
	_Alignas(128) _Atomic uint64_t tail; /* bytes read */
	_Alignas(128) char bytes[];
};

struct end {
	struct ring *out, *in;
	size_t size;
	uint64_t written, read;
	uint64_t head_seen, tail_seen; /* the other one's, as last looked at */
};

static struct ring *rings[2];
static size_t ring_bytes;

static void prepare(const struct plan *plan)
{
	for (ring_bytes = 4096; ring_bytes < plan->ring; ring_bytes *= 2)
		continue;
	for (int way = 0; way < 2; way++) {
		rings[way] = mmap(NULL, sizeof(struct ring) + ring_bytes, PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		if (rings[way] == MAP_FAILED)
			fail_errno("a ring of %zu bytes", ring_bytes);
	}
}

static struct end the_end;

static struct end *open_end(const struct plan *plan, enum side side, unsigned index)
{
	(void)plan;
	(void)index;
	the_end = (struct end){ .out = rings[side == SIDE_CONNECTS],
				.in = rings[side == SIDE_LISTENS],
				.size = ring_bytes };
	return &the_end;
}

/* At most an eighth of the ring at once, so that the reader has something to do meanwhile. */
static size_t wait_for_space(struct end *end, size_t wanted)
{
	size_t piece = wanted < end->size / 8 ? wanted : end->size / 8;
	unsigned asked = 0;

	while (end->size - (end->written - end->tail_seen) < piece) {
		end->tail_seen = atomic_load_explicit(&end->out->tail, memory_order_acquire);
		if (end->size - (end->written - end->tail_seen) < piece)
			relax(&asked);
	}
	return piece;
}

static void write_bytes(struct end *end, const char *from, size_t length)
{
	size_t at = end->written & (end->size - 1);
	size_t first = length < end->size - at ? length : end->size - at;

	memcpy(end->out->bytes + at, from, first);
	memcpy(end->out->bytes, from + first, length - first);
	end->written += length;
	atomic_store_explicit(&end->out->head, end->written, memory_order_release);
}

static void send_messages(struct end *end, const char *messages, size_t size, unsigned count)
{
	for (const char *at = messages, *behind = messages + size * count; at < behind;) {
		size_t piece = wait_for_space(end, (size_t)(behind - at));

		write_bytes(end, at, piece);
		at += piece;
	}
}

static size_t readable(struct end *end)
{
	if (end->head_seen == end->read)
		end->head_seen = atomic_load_explicit(&end->in->head, memory_order_acquire);
	return end->head_seen - end->read;
}

static void read_bytes(struct end *end, char *to, size_t length)
{
	size_t at = end->read & (end->size - 1);
	size_t first = length < end->size - at ? length : end->size - at;

	memcpy(to, end->in->bytes + at, first);
	memcpy(to + first, end->in->bytes, length - first);
	end->read += length;
	atomic_store_explicit(&end->in->tail, end->read, memory_order_release);
}

static size_t receive(struct end *end, char *buffer, size_t size, bool wait)
{
	size_t there = readable(end);
	unsigned asked = 0;

	while (there == 0 && wait) {
		relax(&asked);
		there = readable(end);
	}
	if (there > size)
		there = size;
	if (there)
		read_bytes(end, buffer, there);
	return there;
}

static void close_end(struct end *end)
{
	munmap(end->in, sizeof(struct ring) + end->size);
	munmap(end->out, sizeof(struct ring) + end->size);
}

static size_t buffer_size(struct end *end)
{
	return end->size;
}

static const char *refuses(const struct plan *plan)
{
	return plan->waiting == WAITING_SPIN || plan->scenario->needs != ABLE_ROUND_TRIP
		       ? NULL
		       : "it spins, and nothing else";
}

const struct peer ideal_ring = {
	.name = "ideal",
	.kind = "limit",
	.abilities = ABLE_STREAM | ABLE_ROUND_TRIP,
	.prepare = prepare,
	.open = open_end,
	.send = send_messages,
	.receive = receive,
	.close = close_end,
	.buffer = buffer_size,
	.refuses = refuses,
};
