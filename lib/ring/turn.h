/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Changing a ring for a larger or a smaller one, between two bytes. The producer copies what may
 * not have been read yet to its place in the new ring, and writes there from then on. So from the
 * turn on the new ring has all that counts, and the old one still has what was in it: the consumer
 * changes over whenever it next looks, and neither a free byte nor one to be read lies in two rings
 * at once.
 */
#ifndef XSOCK_RING_TURN_H
#define XSOCK_RING_TURN_H

#include <stdbool.h>
#include <stdint.h>

struct producer;
struct consumer;

/* The word beside the producer's index: the number of the last ring that was agreed on, and in the
 * lowest bits that the producer asks for another, that it kept the ring it had. */
#define TURN_ASKS 1u
#define TURN_KEPT 2u

static inline uint32_t turn_word(uint32_t generation)
{
	return generation << 2;
}

/* The consumer's: the word as last seen, and where the next turn leads. */
struct turn {
	uint32_t word;
	bool news; /* it changed since this was last made false */
	uint32_t generation;
	bool kept; /* that ring was not turned to */
	uint32_t expected;
	const uint8_t *data; /* NULL: a turn would be a lie */
	uint64_t size;
};

/* What may not have been read yet fits into a ring of `size` bytes. */
bool producer_fits(const struct producer *producer, uint64_t size);
/* Turns to a ring that it fits into, which the consumer was told to expect. */
void producer_turn(struct producer *producer, void *data, uint64_t size, uint32_t generation);
/* Goes on in the ring it has, though the consumer was told to expect another. */
void producer_keep(struct producer *producer, uint32_t generation);
/* Asks for another ring, so the consumer's end has to look; or asks no more. */
void producer_ask(struct producer *producer, bool asks);

/* Before the producer can turn: where to. */
void consumer_expect(struct consumer *consumer, const void *data, uint64_t size,
		     uint32_t generation);
/* No turn was made: nothing is expected any more. */
void consumer_expect_none(struct consumer *consumer);
/* The word changed: 0, or -EPROTO when the producer cannot have turned. */
int consumer_turn(struct consumer *consumer, uint32_t word);

#endif
