/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The control page, version 1: the one page that both ends write. docs/protocol.md has the same
 * table in prose. Every line below is written by one end only, so that neither end's stores ever
 * take a line away from the other's, and lies on 128 bytes of its own, as processors fetch lines
 * in pairs.
 */
#ifndef XSOCK_RING_LAYOUT_H
#define XSOCK_RING_LAYOUT_H

#include <assert.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>

#define CONTROL_MAGIC 0x4b4f5358u /* "XSOK" in the order of the bytes */
#define CONTROL_VERSION 1u
#define CONTROL_LINE 128

/* Directions, as the pages know them. */
#define GRANTER_TO_MAPPER 0
#define MAPPER_TO_GRANTER 1

/* What is the same for the whole connection: written by the granter before the mapper is told. */
struct control_header {
	uint32_t magic;
	uint16_t version;
	uint16_t reserved;
	uint32_t features;
	uint32_t one_way; /* 1: the pages of direction 0 serve whichever direction is settled */
	uint64_t nonce;
	uint64_t ring_bytes[2];
	/* One-way, the only word that both ends write, once, by compare-and-swap from 0: the
	 * direction (plus 1) that the first send or receive settles. */
	uint32_t settled;
	/* A direction, by either end, once, by compare-and-swap from 0: who was first to end it. */
	uint32_t cut[2];
};

/* What was sent and not read by then belongs to the reader, or to the writer again. */
enum cut { CUT_NONE = 0, CUT_BY_WRITER = 1, CUT_BY_READER = 2 };

/* An end's sign of life: 1 once set up; its kernel makes it 0 when its process dies. */
struct control_life {
	alignas(CONTROL_LINE) uint8_t alive;
	uint8_t reserved[7];
	uint64_t hello; /* the mapper's: the nonce, once it has mapped everything */
};

enum line_state { LINE_OPEN = 0, LINE_ENDED = 1 };

/* By the end that writes data, or reads it: how far it got, in bytes since the start. */
struct control_progress {
	alignas(CONTROL_LINE) uint64_t index;
	uint32_t state; /* producer: no more will come; consumer: no more will be read */
	uint32_t turn;  /* producer: which ring it goes on in, see ring/turn.h; consumer: 0 */
};

/* By an end that may sleep: wake me when the other's index reaches this. */
struct control_wakeup {
	alignas(CONTROL_LINE) uint64_t mark;
};

struct control_direction {
	struct control_progress produced;
	struct control_progress consumed;
	struct control_wakeup space_wanted; /* by the producer */
	struct control_wakeup data_wanted;  /* by the consumer */
};

/* A ring that is to take the place of the one in use: its number, the first's is 0, and its pages.
 */
static inline uint64_t control_ring(uint32_t generation, uint32_t pages)
{
	return (uint64_t)generation << 32 | pages;
}

static inline uint32_t control_ring_generation(uint64_t ring)
{
	return (uint32_t)(ring >> 32);
}

static inline uint32_t control_ring_pages(uint64_t ring)
{
	return (uint32_t)ring;
}

#define OFFER_REFERENCES 16

/* By the granter: the pages of a direction's next ring; of 0 pages: there will be none. */
struct control_offer {
	alignas(CONTROL_LINE) uint64_t ring;
	/* Of the pages; if they are more than fit, of index pages. */
	uint32_t reference[OFFER_REFERENCES];
};

/* By either end; the last three, for each direction, by the mapper only: up to which generation. */
struct control_growth {
	alignas(CONTROL_LINE) uint64_t wish; /* of the direction that it writes: the next ring */
	uint64_t ask; /* of the one it reads: how often it asked, and the pages that it needs */
	uint32_t mapped[2];
	uint32_t refused[2];
	uint32_t unmapped[2]; /* the ring before this generation's is no longer mapped */
};

#define CONTROL_REFERENCES 512
#define INDEX_REFERENCES 1024

struct control_page {
	struct control_header header;
	struct control_life granter;
	struct control_life mapper;
	struct control_direction direction[2];
	struct control_offer offer[2];
	struct control_growth granter_growth;
	struct control_growth mapper_growth;
	/* The ring pages' references, direction 0 then 1; if they are more than fit, those of index
	 * pages full of references. */
	alignas(2048) uint32_t reference[CONTROL_REFERENCES];
};

static_assert(offsetof(struct control_header, features) == 8, "layout");
static_assert(offsetof(struct control_header, nonce) == 16, "layout");
static_assert(offsetof(struct control_header, ring_bytes) == 24, "layout");
static_assert(offsetof(struct control_header, settled) == 40, "layout");
static_assert(offsetof(struct control_header, cut) == 44, "layout");
static_assert(offsetof(struct control_page, granter) == 128, "layout");
static_assert(offsetof(struct control_page, mapper) == 256, "layout");
static_assert(offsetof(struct control_page, mapper.hello) == 264, "layout");
static_assert(offsetof(struct control_page, direction) == 384, "layout");
static_assert(sizeof(struct control_direction) == 512, "layout");
static_assert(offsetof(struct control_direction, consumed) == 128, "layout");
static_assert(offsetof(struct control_direction, space_wanted) == 256, "layout");
static_assert(offsetof(struct control_direction, data_wanted) == 384, "layout");
static_assert(offsetof(struct control_direction, produced.turn) == 12, "layout");
static_assert(offsetof(struct control_page, offer) == 1408, "layout");
static_assert(offsetof(struct control_page, offer[1].reference) == 1544, "layout");
static_assert(offsetof(struct control_page, granter_growth) == 1664, "layout");
static_assert(offsetof(struct control_page, mapper_growth) == 1792, "layout");
static_assert(offsetof(struct control_growth, ask) == 8, "layout");
static_assert(offsetof(struct control_growth, mapped) == 16, "layout");
static_assert(offsetof(struct control_growth, refused) == 24, "layout");
static_assert(offsetof(struct control_growth, unmapped) == 32, "layout");
static_assert(offsetof(struct control_page, reference) == 2048, "layout");
static_assert(sizeof(struct control_page) == 4096, "layout");

#endif
