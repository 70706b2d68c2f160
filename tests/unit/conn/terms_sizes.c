/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How large the rings are. */
#include "conn/terms.h"

#include <errno.h>

#include "../unit.h"

#define K UINT64_C(1024)

static const uint64_t sizes[] = { 0, 4 * K, 8 * K, 64 * K, 1024 * K };

static uint64_t agreed(uint64_t one, uint64_t other)
{
	if (one == 0 && other == 0)
		return 64 * K;
	if (one == 0 || other == 0)
		return one | other;
	return one < other ? one : other;
}

/* A mirrored pair: what one sends the other receives. */
static void expect(const struct wishes *own, const struct wishes *peer)
{
	uint64_t out = agreed(own->send, peer->recv), in = agreed(own->recv, peer->send);
	struct terms here, there;

	assert_int_equal(terms_agree(own, peer, true, &here), CLASH_NONE);
	assert_int_equal(terms_agree(peer, own, false, &there), CLASH_NONE);
	if (here.direction == DIRECTION_ONE_WAY) {
		assert_int_equal(here.send, out < in ? out : in);
		assert_int_equal(here.recv, 0);
		assert_int_equal(there.send, here.send);
		assert_int_equal(there.recv, 0);
		return;
	}
	assert_int_equal(here.send, here.direction == DIRECTION_RECV ? 0 : out);
	assert_int_equal(here.recv, here.direction == DIRECTION_SEND ? 0 : in);
	assert_int_equal(there.send, here.recv);
	assert_int_equal(there.recv, here.send);
}

static void every_choice(enum direction_wish direction)
{
	struct wishes own = { .domain = 1, .direction = direction };
	struct wishes peer = { .domain = 2 };

	for (size_t at = 0; at < COUNT(sizes) * COUNT(sizes) * COUNT(sizes) * COUNT(sizes); at++) {
		size_t rest = at;

		own.send = sizes[rest % COUNT(sizes)];
		own.recv = sizes[(rest /= COUNT(sizes)) % COUNT(sizes)];
		peer.send = sizes[(rest /= COUNT(sizes)) % COUNT(sizes)];
		peer.recv = sizes[rest / COUNT(sizes)];
		expect(&own, &peer);
	}
}

static void two_way(void **state)
{
	(void)state;
	every_choice(DIRECTION_AUTO);
}

static void sender_and_receiver(void **state)
{
	(void)state;
	every_choice(DIRECTION_SEND);
	every_choice(DIRECTION_RECV);
}

static void one_way_to_be_settled(void **state)
{
	(void)state;
	every_choice(DIRECTION_ONE_WAY);
}

static void rounded_up_to_powers_of_two(void **state)
{
	static const struct {
		uint64_t wished, bytes;
	} cases[] = { { 0, 0 },
		      { 1, 4 * K },
		      { 4095, 4 * K },
		      { 4096, 4 * K },
		      { 4097, 8 * K },
		      { 100000, 128 * K },
		      { 64 * K * K - 1, 64 * K * K },
		      { 64 * K * K, 64 * K * K } };
	uint64_t bytes;

	(void)state;
	for (size_t at = 0; at < COUNT(cases); at++) {
		assert_int_equal(ring_bytes_round(cases[at].wished, &bytes), 0);
		assert_int_equal(bytes, cases[at].bytes);
	}
	assert_int_equal(ring_bytes_round(64 * K * K + 1, &bytes), -EINVAL);
	assert_int_equal(ring_bytes_round(UINT64_MAX, &bytes), -EINVAL);
	assert_int_equal(ring_bytes_round(UINT64_C(1) << 32, &bytes), -EINVAL);
}

/* Two ends that know growth, both ways alike: what each names and starts with, and what comes of
 * it. */
static void where_rings_start(void **state)
{
	static const struct {
		uint64_t size, start, other_size, other_start, begins, most;
	} cases[] = {
		{ 0, 0, 0, 0, 16 * K, 512 * K },
		{ 0, 4 * K, 0, 0, 16 * K, 512 * K },
		{ 0, 4 * K, 0, 8 * K, 8 * K, 512 * K },
		{ 0, 0, 0, 64 * K * K, 512 * K, 512 * K },
		{ 64 * K, 0, 0, 0, 64 * K, 64 * K },
		{ 64 * K, 4 * K, 0, 4 * K, 4 * K, 64 * K },
		{ 64 * K, 4 * K, 256 * K, 8 * K, 8 * K, 64 * K },
		{ 64 * K, 4 * K, 256 * K, 0, 64 * K, 64 * K },
		{ 8 * K, 0, 0, 0, 8 * K, 8 * K },
	};
	struct terms here, there;

	(void)state;
	for (size_t at = 0; at < COUNT(cases); at++) {
		struct wishes own = { .domain = 1,
				      .send = cases[at].size,
				      .recv = cases[at].size,
				      .grows = true,
				      .start = cases[at].start,
				      .grow = 1024 * K };
		struct wishes peer = { .domain = 2,
				       .send = cases[at].other_size,
				       .recv = cases[at].other_size,
				       .grows = true,
				       .start = cases[at].other_start,
				       .grow = 512 * K };

		assert_int_equal(terms_agree(&own, &peer, true, &here), CLASH_NONE);
		assert_int_equal(terms_agree(&peer, &own, false, &there), CLASH_NONE);
		assert_int_equal(here.send, cases[at].most);
		assert_int_equal(here.send_start, cases[at].begins);
		assert_int_equal(here.recv_start, cases[at].begins);
		assert_int_equal(there.recv_start, here.send_start);
		assert_int_equal(there.send_start, here.recv_start);
		assert_int_equal(there.recv, here.send);
	}
}

/* With an end that knows no growth, or a direction left open, all is as if nobody did. */
static void rings_of_fixed_size(void **state)
{
	struct wishes knows = { .domain = 1, .grows = true, .start = 4 * K, .grow = 1024 * K };
	struct wishes older = { .domain = 2 }, open = knows;
	struct terms terms;

	(void)state;
	assert_int_equal(terms_agree(&knows, &older, true, &terms), CLASH_NONE);
	assert_int_equal(terms.send, 64 * K);
	assert_int_equal(terms.send_start, 64 * K);
	assert_int_equal(terms_agree(&older, &knows, true, &terms), CLASH_NONE);
	assert_int_equal(terms.recv, 64 * K);
	assert_int_equal(terms.recv_start, 64 * K);
	open.domain = 2;
	open.direction = DIRECTION_ONE_WAY;
	assert_int_equal(terms_agree(&knows, &open, true, &terms), CLASH_NONE);
	assert_int_equal(terms.send, 64 * K);
	assert_int_equal(terms.send_start, 64 * K);
	assert_int_equal(terms.recv_start, 0);
	open.direction = DIRECTION_SEND;
	assert_int_equal(terms_agree(&knows, &open, true, &terms), CLASH_NONE);
	assert_int_equal(terms.recv, 1024 * K);
	assert_int_equal(terms.recv_start, 4 * K);
	assert_int_equal(terms.send_start, 0);
}

RUN(TEST(two_way), TEST(where_rings_start), TEST(rings_of_fixed_size), TEST(sender_and_receiver),
    TEST(one_way_to_be_settled), TEST(rounded_up_to_powers_of_two))
