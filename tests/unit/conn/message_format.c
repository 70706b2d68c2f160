/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conn/message.h"

#include <stdlib.h>
#include <string.h>

#include "../unit.h"

static const uint64_t largest[KEY_COUNT] = {
	[KEY_VERSION] = UINT32_MAX,
	[KEY_ROLE] = 2,
	[KEY_DIRECTION] = 4,
	[KEY_SEND] = UINT32_MAX,
	[KEY_RECV] = UINT32_MAX,
	[KEY_MAX] = UINT32_MAX,
	[KEY_OPEN] = 1,
	[KEY_NONCE] = UINT64_MAX,
	[KEY_REF] = UINT32_MAX,
	[KEY_PORT] = UINT32_MAX,
	[KEY_ERROR] = REFUSED_COUNT - 1,
	[KEY_WHY] = UINT32_MAX,
};

static void expect_round_trip(const struct message *message)
{
	char text[MESSAGE_SIZE];
	struct message parsed;

	message_format(message, text);
	assert_int_equal(message_parse(text, &parsed), 0);
	assert_int_equal(parsed.present, message->present);
	for (int key = 0; key < KEY_COUNT; key++)
		assert_int_equal(parsed.value[key], message->value[key]);
}

/* What goes over the wire, letter for letter. */
static void the_form(void **state)
{
	struct message message = { 0 };
	char text[MESSAGE_SIZE];

	(void)state;
	message_set(&message, KEY_PORT, 17);
	message_set(&message, KEY_NONCE, 0xdeadbeef01u);
	message_set(&message, KEY_VERSION, 1);
	message_set(&message, KEY_SEND, 65536);
	message_format(&message, text);
	assert_string_equal(text, "xsock=1 send=65536 nonce=deadbeef01 port=17");
}

static void set_is_had(void **state)
{
	struct message message = { 0 };

	(void)state;
	for (int key = 0; key < KEY_COUNT; key++) {
		assert_false(message_has(&message, (enum message_key)key));
		message_set(&message, (enum message_key)key, 0);
		assert_true(message_has(&message, (enum message_key)key));
	}
}

static void the_largest_of_each_key(void **state)
{
	struct message all = { 0 };
	char text[MESSAGE_SIZE];

	(void)state;
	for (int key = 0; key < KEY_COUNT; key++) {
		struct message one = { 0 };

		message_set(&one, KEY_VERSION, 1);
		message_set(&one, (enum message_key)key, largest[key]);
		expect_round_trip(&one);
		message_set(&all, (enum message_key)key, largest[key]);
	}
	expect_round_trip(&all);
	message_format(&all, text);
	assert_true(strlen(text) < MESSAGE_SIZE / 2);
}

/* Whatever is in it, formatting stays within its room. */
static void values_beyond_any_range_fit(void **state)
{
	struct message message = { 0 };
	char text[MESSAGE_SIZE];

	(void)state;
	for (int key = 0; key < KEY_COUNT; key++)
		message_set(&message, (enum message_key)key, UINT64_MAX);
	message_format(&message, text);
	assert_non_null(strstr(text, " error=18446744073709551615"));
}

static void random_messages(void **state)
{
	(void)state;
	srandom(3);
	for (unsigned round = 0; round < 10000; round++) {
		struct message message = { 0 };

		message_set(&message, KEY_VERSION, 1);
		for (int key = 1; key < KEY_COUNT; key++)
			if (random() % 2 == 0)
				message_set(&message, (enum message_key)key,
					    (uint64_t)random() * (uint64_t)random() %
						    (largest[key] == UINT64_MAX
							     ? UINT64_MAX
							     : largest[key] + 1));
		expect_round_trip(&message);
	}
}

static void empty(void **state)
{
	struct message message = { 0 };
	char text[MESSAGE_SIZE] = "something";

	(void)state;
	message_format(&message, text);
	assert_string_equal(text, "");
}

RUN(TEST(the_form), TEST(set_is_had), TEST(the_largest_of_each_key),
    TEST(values_beyond_any_range_fit), TEST(random_messages), TEST(empty))
