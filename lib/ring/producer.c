/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ring/producer.h"

#include "base/error.h"
#include "base/shared.h"
#include "ring/span.h"

#define LINE 64
#define AHEAD 2048

void producer_init(struct producer *producer, struct control_direction *shared, void *data,
		   uint64_t size)
{
	*producer = (struct producer){ .shared = shared, .data = data, .size = size };
}

int producer_refresh(struct producer *producer)
{
	uint64_t consumed = shared_load64(&producer->shared->consumed.index);

	/* Only forward, and never beyond what was published. */
	if (consumed - producer->consumed > producer->published - producer->consumed)
		return fail(EPROTO, "the peer claims to have read up to byte %llu of %llu sent",
			    (unsigned long long)consumed, (unsigned long long)producer->published);
	producer->consumed = consumed;
	return 0;
}

void producer_spans(const struct producer *producer, struct iovec span[2])
{
	ring_spans(producer->data, producer->size, producer->written, producer_free(producer),
		   span);
}

/* The lines that come next still lie in the reader's cache, and small messages would wait for each.
 * Only what is free, and each line once: to take one back from a reader costs more than it saves.
 */
static __attribute__((noinline)) void fetch_ahead(struct producer *producer)
{
	uint64_t from = producer->fetched, to = producer->written + AHEAD;

	/* What was written without this. */
	if (from < producer->written)
		from = (producer->written + LINE - 1) & ~(uint64_t)(LINE - 1);
	if (to > producer->consumed + producer->size)
		to = producer->consumed + producer->size;
	for (; from < to; from += LINE)
		__builtin_prefetch(producer->data + (from & (producer->size - 1)), 1);
	producer->fetched = from;
}

/* Over the ring's end. Out of line, as is fetch_ahead: most calls need neither. */
static __attribute__((noinline)) void copy_around(struct producer *producer, uint64_t at,
						  const void *buffer, size_t length)
{
	size_t unbroken = producer->size - at;

	shared_copy(producer->data + at, buffer, unbroken);
	shared_copy(producer->data, (const uint8_t *)buffer + unbroken, length - unbroken);
}

size_t producer_copy(struct producer *producer, const void *buffer, size_t length)
{
	uint64_t at = producer->written & (producer->size - 1);

	if (length > producer_free(producer))
		length = producer_free(producer);
	if (at + length <= producer->size)
		shared_copy(producer->data + at, buffer, length);
	else
		copy_around(producer, at, buffer, length);
	producer_advance(producer, length);
	/* Of long runs the processor sees by itself where they go. A few lines at a time. */
	if (length < AHEAD && (int64_t)(producer->fetched - producer->written) < AHEAD / 2)
		fetch_ahead(producer);
	return length;
}

bool producer_publish(struct producer *producer)
{
	uint64_t from = producer->published;

	if (producer->written == from)
		return false;
	producer->published = producer->written;
	/* Publish, then look whether the consumer sleeps; it marks, then looks at the index. Were
	 * one of the two allowed to look first, both could miss each other. */
	shared_store64_fenced(&producer->shared->produced.index, producer->published);
	return ring_crossed(shared_load64_fenced(&producer->shared->data_wanted.mark), from,
			    producer->published);
}

void producer_end(struct producer *producer)
{
	/* Release: whoever sees the state sees the last index. */
	shared_store32(&producer->shared->produced.state, LINE_ENDED);
}

bool producer_refused(const struct producer *producer)
{
	return shared_load32(&producer->shared->consumed.state) != LINE_OPEN;
}

int producer_freeze(struct producer *producer)
{
	int error = producer_refresh(producer);

	/* What was not published never will be: the consumer may still look. */
	if (error == 0)
		producer->published = producer->written;
	return error;
}

size_t producer_withdraw(struct producer *producer, void *buffer, size_t length)
{
	size_t left = producer->written - producer->consumed;
	struct iovec span[2];

	if (length > left)
		length = left;
	if (length == 0)
		return 0;
	ring_spans(producer->data, producer->size, producer->consumed, length, span);
	shared_copy(buffer, span[0].iov_base, span[0].iov_len);
	if (span[1].iov_len > 0)
		shared_copy((uint8_t *)buffer + span[0].iov_len, span[1].iov_base, span[1].iov_len);
	producer->consumed += length;
	return length;
}

static bool enough_free(const struct producer *producer, uint64_t written, uint64_t consumed,
			uint64_t need)
{
	/* What the peer wrote is only compared here: a lie looks like space, and the writer then
	 * finds it out. */
	return producer_size(producer) - (written - consumed) >= need;
}

bool producer_has_space(const struct producer *producer, uint64_t need, uint64_t wake)
{
	struct control_direction *shared = producer->shared;
	uint64_t written = __atomic_load_n(&producer->written, __ATOMIC_RELAXED);
	uint64_t consumed = shared_load64(&shared->consumed.index);
	uint64_t size = producer_size(producer);
	uint64_t free = size - (written - consumed);
	uint64_t now;

	if (enough_free(producer, written, consumed, need))
		return true;
	/* A mark that was passed already would never be crossed. */
	if (wake <= free)
		wake = free + 1;
	/* Mark, then look again: the consumer may have gone on between the look above and the mark,
	 * without seeing it. */
	shared_store64_fenced(&shared->space_wanted.mark, written + wake - size);
	now = shared_load64_fenced(&shared->consumed.index);
	/* As in consumer_has_data: a mark right ahead may have been passed unannounced. */
	return enough_free(producer, written, now, need) || (wake == free + 1 && now != consumed);
}
