/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is taken and what is refused of what the other domain wrote. */
#include "conn/message.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit.h"

static const char request[] =
	"xsock=1 role=1 direction=2 send=65536 recv=4096 nonce=1f ref=8 port=5";

static void expect_refused(const char *text)
{
	struct message message;

	if (message_parse(text, &message) != -EPROTO)
		fail_msg("'%s' was taken", text);
}

static void a_request(void **state)
{
	struct message message;

	(void)state;
	assert_int_equal(message_parse(request, &message), 0);
	assert_int_equal(message.value[KEY_VERSION], 1);
	assert_int_equal(message.value[KEY_ROLE], 1);
	assert_int_equal(message.value[KEY_DIRECTION], 2);
	assert_int_equal(message.value[KEY_SEND], 65536);
	assert_int_equal(message.value[KEY_RECV], 4096);
	assert_int_equal(message.value[KEY_NONCE], 31);
	assert_int_equal(message.value[KEY_REF], 8);
	assert_int_equal(message.value[KEY_PORT], 5);
	assert_false(message_has(&message, KEY_ERROR));
	assert_false(message_has(&message, KEY_MAX));
	assert_false(message_has(&message, KEY_OPEN));
}

static void order_and_spaces_are_free(void **state)
{
	struct message message;

	(void)state;
	assert_int_equal(message_parse("  port=5   xsock=1 ", &message), 0);
	assert_int_equal(message.value[KEY_PORT], 5);
	assert_int_equal(message.present, 1u << KEY_PORT | 1u << KEY_VERSION);
}

static void unknown_keys_are_skipped(void **state)
{
	struct message message;

	(void)state;
	assert_int_equal(
		message_parse("new=x,y future= xsock=1 xsock2=9 XSOCK=7 new=z rol=9 roles=9",
			      &message),
		0);
	assert_int_equal(message.present, 1u << KEY_VERSION);
	assert_int_equal(message.value[KEY_VERSION], 1);
	assert_int_equal(message.value[KEY_ROLE], 0);
}

/* The parsed message holds nothing of what was in its place before. */
static void old_contents_are_gone(void **state)
{
	struct message message;

	(void)state;
	memset(&message, 0xff, sizeof message);
	assert_int_equal(message_parse("xsock=1", &message), 0);
	assert_int_equal(message.present, 1u << KEY_VERSION);
	for (int key = 1; key < KEY_COUNT; key++)
		assert_int_equal(message.value[key], 0);
}

static void known_keys_once_only(void **state)
{
	(void)state;
	expect_refused("xsock=1 xsock=1");
	expect_refused("xsock=1 ref=1 port=2 ref=1");
	expect_refused("xsock=1 nonce=0 nonce=0");
}

static void a_version_must_be_there(void **state)
{
	struct message message;

	(void)state;
	expect_refused("");
	expect_refused("   ");
	expect_refused("role=1 direction=2");
	expect_refused("xsocks=1");
	/* Which one it is, is the caller's to check. */
	assert_int_equal(message_parse("xsock=0", &message), 0);
	assert_int_equal(message_parse("xsock=4294967295", &message), 0);
}

static void only_digits(void **state)
{
	static const char *const numbers[] = { "",    "-1",  "+1",   "0x1", "1x",  "x1",
					       "1.0", "1e1", "a",    "1\t", "\n1", "=1",
					       "1=1", "--",  "\xff", "1,2", "½",   "1\r" };
	char text[64];

	(void)state;
	for (size_t at = 0; at < COUNT(numbers); at++) {
		snprintf(text, sizeof text, "xsock=1 port=%s", numbers[at]);
		expect_refused(text);
		snprintf(text, sizeof text, "xsock=%s", numbers[at]);
		expect_refused(text);
	}
	expect_refused("xsock=1 nonce=g");
	expect_refused("xsock=1 nonce=1F");
	expect_refused("xsock=1 nonce=0x1f");
	expect_refused("xsock=1 nonce=");
}

static void one_over_each_limit(void **state)
{
	static const char *const pairs[] = { "role=3",          "direction=5",
					     "open=2",          "send=4294967296",
					     "recv=4294967296", "max=4294967296",
					     "ref=4294967296",  "port=4294967296",
					     "error=9",         "nonce=10000000000000000" };
	char text[64];

	(void)state;
	for (size_t at = 0; at < COUNT(pairs); at++) {
		snprintf(text, sizeof text, "xsock=1 %s", pairs[at]);
		expect_refused(text);
	}
	expect_refused("xsock=4294967296");
}

/* Numbers that come round to small ones in 64 bits. */
static void overflow(void **state)
{
	(void)state;
	expect_refused("xsock=18446744073709551616");
	expect_refused("xsock=18446744073709551617");
	expect_refused("xsock=1 port=18446744073709551621");
	expect_refused("xsock=1 port=184467440737095516160");
	expect_refused("xsock=1 port=99999999999999999999999999999999999");
	expect_refused("xsock=1 nonce=1000000000000000001f");
}

static void pairs_need_a_key_and_a_sign(void **state)
{
	(void)state;
	expect_refused("xsock=1 port");
	expect_refused("xsock=1 =5");
	expect_refused("xsock=1 =");
	expect_refused("xsock=1 unknown");
	expect_refused("xsock 1");
	expect_refused("xsock=1\tport=5");
}

static void too_long(void **state)
{
	char text[MESSAGE_SIZE + 100] = "xsock=1 a=";
	struct message message;

	(void)state;
	memset(text + strlen(text), 'b', sizeof text - strlen(text));
	text[MESSAGE_SIZE - 1] = '\0';
	assert_int_equal(message_parse(text, &message), 0);
	text[MESSAGE_SIZE - 1] = 'b';
	text[MESSAGE_SIZE] = '\0';
	expect_refused(text);
	text[MESSAGE_SIZE] = 'b';
	text[sizeof text - 1] = '\0';
	expect_refused(text);
}

/* Does the text, cut here, end after a pair whose number has a digit? */
static bool is_whole(const char *text, size_t length)
{
	const char *space = memrchr(text, ' ', length);
	const char *pair = space == NULL ? text : space + 1;
	const char *equals = memchr(pair, '=', (size_t)(text + length - pair));

	if (pair == text + length)
		return length > 0;
	return equals != NULL && equals + 1 < text + length;
}

static void every_truncation(void **state)
{
	for (size_t length = 0; length < sizeof request; length++) {
		char *text = strndup(request, length);
		struct message message;
		int result = message_parse(text, &message);

		(void)state;
		if (is_whole(request, length))
			assert_int_equal(result, 0);
		else
			assert_int_equal(result, -EPROTO);
		free(text);
	}
}

/* Any bytes: refused or understood, and what is understood can be written and read again. */
static void random_bytes(void **state)
{
	static const char letters[] =
		"xsock=1 role=direction=send=nonce=port= 0123456789abcdef=\t\xff";

	(void)state;
	srandom(5);
	for (unsigned round = 0; round < 100000; round++) {
		char text[sizeof request + 16] = "", again[MESSAGE_SIZE];
		struct message message, second;

		memcpy(text, request, sizeof request);
		for (long change = random() % 4; change >= 0; change--)
			text[(size_t)random() % (sizeof request + 8)] =
				letters[(size_t)random() % sizeof letters];
		if (message_parse(text, &message) != 0)
			continue;
		message_format(&message, again);
		assert_int_equal(message_parse(again, &second), 0);
		assert_int_equal(message.present, second.present);
		assert_memory_equal(message.value, second.value, sizeof message.value);
	}
}

RUN(TEST(a_request), TEST(order_and_spaces_are_free), TEST(unknown_keys_are_skipped),
    TEST(old_contents_are_gone), TEST(known_keys_once_only), TEST(a_version_must_be_there),
    TEST(only_digits), TEST(one_over_each_limit), TEST(overflow), TEST(pairs_need_a_key_and_a_sign),
    TEST(too_long), TEST(every_truncation), TEST(random_bytes))
