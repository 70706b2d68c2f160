/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* docs/protocol.md's table of offsets, as numbers: a change here breaks every peer in use. */
#include "ring/layout.h"

#include "../unit.h"

#define AT(member) offsetof(struct control_page, member)

static void header(void **state)
{
	(void)state;
	assert_int_equal(AT(header.magic), 0);
	assert_int_equal(AT(header.version), 4);
	assert_int_equal(AT(header.features), 8);
	assert_int_equal(AT(header.one_way), 12);
	assert_int_equal(AT(header.nonce), 16);
	assert_int_equal(AT(header.ring_bytes[0]), 24);
	assert_int_equal(AT(header.ring_bytes[1]), 32);
	assert_int_equal(AT(header.settled), 40);
	assert_int_equal(AT(header.cut[0]), 44);
	assert_int_equal(AT(header.cut[1]), 48);
	assert_int_equal(sizeof(struct control_header), 56);
}

static void lives(void **state)
{
	(void)state;
	assert_int_equal(AT(granter.alive), 128);
	assert_int_equal(AT(granter.hello), 136);
	assert_int_equal(AT(mapper.alive), 256);
	assert_int_equal(AT(mapper.hello), 264);
}

static void directions(void **state)
{
	(void)state;
	assert_int_equal(AT(direction[0].produced.index), 384);
	assert_int_equal(AT(direction[0].produced.state), 392);
	assert_int_equal(AT(direction[0].consumed.index), 512);
	assert_int_equal(AT(direction[0].consumed.state), 520);
	assert_int_equal(AT(direction[0].space_wanted.mark), 640);
	assert_int_equal(AT(direction[0].data_wanted.mark), 768);
	assert_int_equal(AT(direction[1].produced.index), 896);
	assert_int_equal(AT(direction[1].consumed.index), 1024);
	assert_int_equal(AT(direction[1].space_wanted.mark), 1152);
	assert_int_equal(AT(direction[1].data_wanted.mark), 1280);
}

static void growth(void **state)
{
	(void)state;
	assert_int_equal(AT(direction[0].produced.turn), 396);
	assert_int_equal(AT(direction[1].produced.turn), 908);
	assert_int_equal(AT(offer[0].ring), 1408);
	assert_int_equal(AT(offer[0].reference), 1416);
	assert_int_equal(AT(offer[1].ring), 1536);
	assert_int_equal(AT(granter_growth.wish), 1664);
	assert_int_equal(AT(granter_growth.ask), 1672);
	assert_int_equal(AT(mapper_growth.wish), 1792);
	assert_int_equal(AT(mapper_growth.ask), 1800);
	assert_int_equal(AT(mapper_growth.mapped), 1808);
	assert_int_equal(AT(mapper_growth.refused), 1816);
	assert_int_equal(AT(mapper_growth.unmapped), 1824);
	assert_true(control_ring(7, 9) == UINT64_C(0x700000009));
}

static void references_fill_the_page(void **state)
{
	(void)state;
	assert_int_equal(AT(reference), 2048);
	assert_int_equal(sizeof(struct control_page), 4096);
	assert_int_equal(INDEX_REFERENCES * sizeof(uint32_t), 4096);
}

static void magic_spells_xsok(void **state)
{
	const struct control_header start = { .magic = CONTROL_MAGIC };

	(void)state;
	assert_memory_equal(&start, "XSOK", 4);
	assert_int_equal(CONTROL_VERSION, 1);
}

RUN(TEST(header), TEST(lives), TEST(directions), TEST(growth), TEST(references_fill_the_page),
    TEST(magic_spells_xsok))
