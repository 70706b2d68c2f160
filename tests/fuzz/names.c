/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Texts of others: messages, service names, addresses of domains and of hosts. */
#include "target.h"

#include <string.h>

#include "conn/address.h"
#include "conn/ip.h"
#include "conn/message.h"
#include "world/input.h"
#include "world/world.h"

#define TEXT_MOST 1200

/* What was understood is understood again. */
static void parse_message(const char *text)
{
	char formatted[MESSAGE_SIZE];
	struct message message, again;

	if (message_parse(text, &message) != 0)
		return;
	message_sizes_valid(&message);
	message_format(&message, formatted);
	EXPECT(message_parse(formatted, &again) == 0);
	EXPECT(memcmp(&message, &again, sizeof message) == 0);
}

static void parse_address(const char *text)
{
	char path[STORE_PATH_MAX], request[STORE_PATH_MAX];
	struct address address;

	if (address_parse(text, &address) != 0)
		return;
	EXPECT(address.domain <= DOMAIN_MAX && service_check(address.service) == 0);
	path_requests(path, address.domain, address.service, false, DOMAIN_MAX);
	EXPECT(strlen(path) < STORE_PATH_MAX - 18);
	path_request(request, path, UINT64_MAX);
	EXPECT(strncmp(request, path, strlen(path)) == 0);
}

static void parse_ip(const char *text)
{
	char name[IP_NODE_SIZE];
	struct ip ip;
	int bits = ip_from_text(text, &ip);

	if (bits < 0)
		return;
	EXPECT((ip.bits == 32 || ip.bits == 128) && (unsigned)bits >= ip.bits);
	ip_node_name(&ip, name);
	EXPECT(strspn(name, "0123456789abcdef-") == strlen(name));
	EXPECT(ip_within(&ip, &ip, ip.bits) && ip_ends_at(&ip, ip.bits));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;
	size_t length;

	input_begin(data, size);
	length = size < TEXT_MOST ? size : TEXT_MOST;
	/* No longer than it is, for AddressSanitizer. */
	text = malloc(length + 1);
	EXPECT(text != NULL);
	text[input_bytes(text, length)] = '\0';
	parse_message(text);
	parse_address(text);
	parse_ip(text);
	service_check(text);
	free(text);
	return 0;
}
