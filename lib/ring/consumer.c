/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ring/consumer.h"

#include "base/error.h"
#include "base/shared.h"
#include "ring/span.h"

void consumer_init(struct consumer *consumer, struct control_direction *shared, const void *data,
		   uint64_t size)
{
	*consumer =
		(struct consumer){ .shared = shared, .data = data, .size = size, .largest = size };
}

int consumer_refresh(struct consumer *consumer)
{
	uint64_t produced = shared_load64(&consumer->shared->produced.index);
	/* After the index: the producer turns first, so bytes that only the new ring has are never
	 * looked for in the old one. */
	uint32_t word = shared_load32(&consumer->shared->produced.turn);

	if (word != consumer->turn.word && consumer_turn(consumer, word) != 0)
		return -EPROTO;
	/* Only forward, and never more than the ring holds. */
	if (produced - consumer->consumed > consumer->size ||
	    produced - consumer->consumed < consumer->produced - consumer->consumed)
		return fail(
			EPROTO,
			"the peer claims to have sent up to byte %llu; %llu are read and the ring holds %llu",
			(unsigned long long)produced, (unsigned long long)consumer->consumed,
			(unsigned long long)consumer->size);
	consumer->produced = produced;
	return 0;
}

void consumer_spans(const struct consumer *consumer, struct iovec span[2])
{
	/* They are declared writable for struct iovec's sake; nothing here writes to them. */
	ring_spans((uint8_t *)(uintptr_t)consumer->data, consumer->size, consumer->consumed,
		   consumer_available(consumer), span);
}

size_t consumer_copy(const struct consumer *consumer, size_t offset, void *buffer, size_t length)
{
	uint64_t at = (consumer->consumed + offset) & (consumer->size - 1);
	size_t available = consumer_available(consumer) - offset, unbroken = consumer->size - at;

	if (length > available)
		length = available;
	if (length <= unbroken) {
		shared_copy(buffer, consumer->data + at, length);
	} else {
		shared_copy(buffer, consumer->data + at, unbroken);
		shared_copy((uint8_t *)buffer + unbroken, consumer->data, length - unbroken);
	}
	return length;
}

bool consumer_release(struct consumer *consumer, size_t length)
{
	uint64_t from = consumer->consumed;

	if (length == 0)
		return false;
	/* Relaxed atomic, as consumer_has_data may look from another thread. */
	__atomic_store_n(&consumer->consumed, from + length, __ATOMIC_RELAXED);
	/* As in producer_publish: give back, then look whether the producer sleeps. The store also
	 * orders the reads of the data before the producer may write there again. */
	shared_store64_fenced(&consumer->shared->consumed.index, from + length);
	return ring_crossed(shared_load64_fenced(&consumer->shared->space_wanted.mark), from,
			    from + length);
}

void consumer_end(struct consumer *consumer)
{
	/* Release: whoever sees the state sees the last index. */
	shared_store32(&consumer->shared->consumed.state, LINE_ENDED);
}

bool consumer_finished(const struct consumer *consumer)
{
	return shared_load32(&consumer->shared->produced.state) != LINE_OPEN;
}

bool consumer_has_data(const struct consumer *consumer, uint64_t need, bool eager)
{
	struct control_direction *shared = consumer->shared;
	uint64_t consumed = __atomic_load_n(&consumer->consumed, __ATOMIC_RELAXED);
	uint64_t produced = shared_load64(&shared->produced.index);
	uint64_t now;

	/* As in producer_has_space: a lie looks like data. */
	if (produced - consumed >= need)
		return true;
	/* Mark, then look again. */
	shared_store64_fenced(&shared->data_wanted.mark, eager ? produced + 1 : consumed + need);
	now = shared_load64_fenced(&shared->produced.index);
	/* Bytes that came in between may have passed an eager mark unannounced, and no later ones
	 * would cross it: then the caller has to look once more, enough or not. */
	return now - consumed >= need || (eager && now != produced);
}

bool consumer_starves(const struct consumer *consumer)
{
	uint64_t consumed = __atomic_load_n(&consumer->consumed, __ATOMIC_RELAXED);
	/* After the fenced mark of consumer_has_data: the producer marks, then looks for space;
	 * this end marks, then looks here; so at least one sees the other. */
	uint64_t mark = shared_load64_fenced(&consumer->shared->space_wanted.mark);

	/* Of a ring that may have been changed since the last refresh. */
	return mark - consumed - 1 < consumer->largest;
}
