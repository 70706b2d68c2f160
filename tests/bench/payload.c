/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The benchmark's checksum: the same however the stream is cut, another one when it is not the
 * same. */
#include "payload.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#define BYTES ((size_t)4096)

static char stream[BYTES];

static uint64_t made(bool all)
{
	struct payload payload = { .all = all };

	payload_fill(&payload, stream, BYTES / 4);
	payload_fill(&payload, stream + BYTES / 4, BYTES - BYTES / 4);
	return payload_checksum(&payload);
}

static uint64_t seen(bool all, size_t piece)
{
	struct payload payload = { .all = all };

	for (size_t at = 0; at < BYTES; at += piece)
		payload_check(&payload, stream + at, piece < BYTES - at ? piece : BYTES - at);
	assert_int_equal(payload.position, BYTES);
	return payload_checksum(&payload);
}

static void any_cut_gives_the_same(void **state)
{
	static const size_t pieces[] = { 1, 3, 7, 8, 63, 64, 65, 100, 1000, BYTES };

	(void)state;
	for (int all = 0; all < 2; all++) {
		uint64_t sum = made(all);

		for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
			assert_int_equal(seen(all, pieces[i]), sum);
	}
}

static void swap_lines(void)
{
	char line[64];

	memcpy(line, stream + 64, sizeof line);
	memcpy(stream + 64, stream + 640, sizeof line);
	memcpy(stream + 640, line, sizeof line);
}

static void order_counts(void **state)
{
	(void)state;
	for (int all = 0; all < 2; all++) {
		uint64_t sum = made(all);

		swap_lines();
		assert_int_not_equal(seen(all, BYTES), sum);
	}
}

static void a_gap_counts(void **state)
{
	(void)state;
	for (int all = 0; all < 2; all++) {
		uint64_t sum = made(all);

		memmove(stream + 1024, stream + 1024 + 64, BYTES - 1024 - 64);
		assert_int_not_equal(seen(all, BYTES), sum);
	}
}

static void every_byte_counts(void **state)
{
	(void)state;
	for (size_t at = 0; at < BYTES; at += 37) {
		uint64_t sum = made(true);

		stream[at] ^= 1;
		assert_int_not_equal(seen(true, 100), sum);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_cut_gives_the_same),
		cmocka_unit_test(order_counts),
		cmocka_unit_test(a_gap_counts),
		cmocka_unit_test(every_byte_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
