/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conn/message.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

/* Each key's name, its number's base, and the largest value that it may have. */
static const struct {
	const char *name;
	int base;
	uint64_t limit;
} keys[KEY_COUNT] = {
	[KEY_VERSION] = { "xsock", 10, UINT32_MAX },
	[KEY_ROLE] = { "role", 10, 2 },
	[KEY_DIRECTION] = { "direction", 10, 4 },
	[KEY_SEND] = { "send", 10, UINT32_MAX },
	[KEY_RECV] = { "recv", 10, UINT32_MAX },
	[KEY_MAX] = { "max", 10, UINT32_MAX },
	[KEY_START] = { "start", 10, UINT32_MAX },
	[KEY_GROW] = { "grow", 10, UINT32_MAX },
	[KEY_OPEN] = { "open", 10, 1 },
	[KEY_NONCE] = { "nonce", 16, UINT64_MAX },
	[KEY_REF] = { "ref", 10, UINT32_MAX },
	[KEY_PORT] = { "port", 10, UINT32_MAX },
	[KEY_ERROR] = { "error", 10, REFUSED_COUNT - 1 },
	[KEY_WHY] = { "why", 10, UINT32_MAX },
};

void message_set(struct message *message, enum message_key key, uint64_t value)
{
	message->value[key] = value;
	message->present |= 1u << key;
}

bool message_has(const struct message *message, enum message_key key)
{
	return (message->present & 1u << key) != 0;
}

void message_set_wishes(struct message *message, const struct wishes *wishes)
{
	message_set(message, KEY_ROLE, wishes->role);
	message_set(message, KEY_DIRECTION, wishes->direction);
	message_set(message, KEY_SEND, wishes->send);
	message_set(message, KEY_RECV, wishes->recv);
	if (!wishes->grows)
		return;
	message_set(message, KEY_START, wishes->start);
	message_set(message, KEY_GROW, wishes->grow);
}

struct wishes message_wishes(const struct message *message, unsigned domain)
{
	return (struct wishes){
		.domain = domain,
		.role = (enum role_wish)message->value[KEY_ROLE],
		.direction = (enum direction_wish)message->value[KEY_DIRECTION],
		.send = message->value[KEY_SEND],
		.recv = message->value[KEY_RECV],
		.grows = message_has(message, KEY_START) && message_has(message, KEY_GROW),
		.start = message->value[KEY_START],
		.grow = message->value[KEY_GROW],
	};
}

bool message_sizes_valid(const struct message *message)
{
	return ring_bytes_valid(message->value[KEY_SEND]) &&
	       ring_bytes_valid(message->value[KEY_RECV]) &&
	       ring_bytes_valid(message->value[KEY_START]) &&
	       ring_bytes_valid(message->value[KEY_GROW]) &&
	       (!message_has(message, KEY_GROW) || message->value[KEY_GROW] != 0);
}

void message_format(const struct message *message, char text[MESSAGE_SIZE])
{
	size_t used = 0;

	text[0] = '\0';
	for (int key = 0; key < KEY_COUNT; key++) {
		char number[24];
		int added;

		if (!message_has(message, (enum message_key)key))
			continue;
		if (keys[key].base == 16)
			snprintf(number, sizeof number, "%" PRIx64, message->value[key]);
		else
			snprintf(number, sizeof number, "%" PRIu64, message->value[key]);
		added = snprintf(text + used, MESSAGE_SIZE - used, "%s%s=%s", used > 0 ? " " : "",
				 keys[key].name, number);
		used += (size_t)added;
	}
}

static int find_key(const char *name, size_t length)
{
	for (int key = 0; key < KEY_COUNT; key++)
		if (strlen(keys[key].name) == length && memcmp(keys[key].name, name, length) == 0)
			return key;
	return -1;
}

static int digit_of(char character, int base)
{
	int digit = -1;

	if (character >= '0' && character <= '9')
		digit = character - '0';
	else if (character >= 'a' && character <= 'f')
		digit = character - 'a' + 10;
	return digit < base ? digit : -1;
}

/* No sign, no space, no overflow: strtoull allows all three. */
static bool parse_number(const char *text, size_t length, int base, uint64_t *number)
{
	uint64_t value = 0;

	if (length == 0)
		return false;
	for (size_t at = 0; at < length; at++) {
		int digit = digit_of(text[at], base);

		if (digit < 0 || value > (UINT64_MAX - (uint64_t)digit) / (uint64_t)base)
			return false;
		value = value * (uint64_t)base + (uint64_t)digit;
	}
	*number = value;
	return true;
}

static int parse_pair(const char *pair, size_t length, struct message *message)
{
	const char *equals = memchr(pair, '=', length);
	uint64_t number;
	int key;

	if (equals == NULL || equals == pair)
		return fail(EPROTO, "'%.*s' is not key=value", (int)length, pair);
	key = find_key(pair, (size_t)(equals - pair));
	if (key < 0)
		return 0;
	if (message_has(message, (enum message_key)key))
		return fail(EPROTO, "%s= is there twice", keys[key].name);
	if (!parse_number(equals + 1, length - (size_t)(equals + 1 - pair), keys[key].base,
			  &number) ||
	    number > keys[key].limit)
		return fail(EPROTO, "'%.*s' is out of range", (int)length, pair);
	message_set(message, (enum message_key)key, number);
	return 0;
}

int message_parse(const char *text, struct message *message)
{
	*message = (struct message){ 0 };
	if (strlen(text) >= MESSAGE_SIZE)
		return fail(EPROTO, "a message of %zu bytes, the limit is %d", strlen(text),
			    MESSAGE_SIZE - 1);
	while (*text != '\0') {
		size_t length = strcspn(text, " ");

		if (length > 0 && parse_pair(text, length, message) != 0)
			return -EPROTO;
		text += length;
		text += strspn(text, " ");
	}
	if (!message_has(message, KEY_VERSION))
		return fail(EPROTO, "no xsock=VERSION in it");
	return 0;
}
