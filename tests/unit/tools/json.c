/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Texts and numbers of anybody's, as JSON can have them. */
#include "json.h"

#include "../unit.h"

#define LOST "\xef\xbf\xbd"

static void is_shown_as(const char *text, const char *shown)
{
	json_t *value = json_text(text);

	assert_string_equal(json_string_value(value), shown);
	json_decref(value);
}

static void utf_8_passes(void **state)
{
	static const char *const texts[] = {
		"",
		"/tmp/plain",
		"/tmp/caf\xc3\xa9",
		"\xe2\x82\xac \xf0\x9f\x98\x80",
		"\"quoted\" \\ and a\nnew line \x01",
	};

	(void)state;
	for (size_t at = 0; at < COUNT(texts); at++)
		is_shown_as(texts[at], texts[at]);
}

static void other_bytes_are_replaced(void **state)
{
	(void)state;
	is_shown_as("caf\xe9", "caf" LOST);
	is_shown_as("\xc3\xa9\xc3", "\xc3\xa9" LOST); /* cut */
	is_shown_as("a\x80\xbf"
		    "b",
		    "a" LOST LOST "b");              /* no beginning */
	is_shown_as("\xc0\xaf", LOST LOST);          /* '/', made longer */
	is_shown_as("\xed\xa0\x80", LOST LOST LOST); /* half of a pair */
	is_shown_as("\xf4\x90\x80\x80\xc3\xa9", LOST LOST LOST LOST "\xc3\xa9"); /* too large */
	is_shown_as("\xff\xe2\x82\xac", LOST "\xe2\x82\xac");
}

static void counts_have_an_end(void **state)
{
	static const struct {
		uint64_t number;
		json_int_t shown;
	} cases[] = {
		{ 0, 0 },
		{ INT64_MAX - 1, INT64_MAX - 1 },
		{ INT64_MAX, INT64_MAX },
		{ (uint64_t)INT64_MAX + 1, INT64_MAX },
		{ UINT64_MAX, INT64_MAX },
	};

	(void)state;
	for (size_t at = 0; at < COUNT(cases); at++) {
		json_t *value = json_count(cases[at].number);

		assert_true(json_integer_value(value) == cases[at].shown);
		json_decref(value);
	}
}

RUN(TEST(utf_8_passes), TEST(other_bytes_are_replaced), TEST(counts_have_an_end))
