/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "preload/address.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "preload/real.h"

/* Address and port as they go over the wire. */
#define WIRE_SIZE 18

static void unmap(union address *address)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };

	if (address->any.sa_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&address->v6.sin6_addr))
		return;
	v4.sin_port = address->v6.sin6_port;
	memcpy(&v4.sin_addr, &address->v6.sin6_addr.s6_addr[12], sizeof v4.sin_addr);
	address->v4 = v4;
}

static bool is_internet(const union address *address)
{
	return address->any.sa_family == AF_INET || address->any.sa_family == AF_INET6;
}

bool address_pair_read(int fd, struct address_pair *pair)
{
	socklen_t length = sizeof pair->local;

	memset(pair, 0, sizeof *pair);
	if (real.getsockname(fd, &pair->local.any, &length) != 0)
		return false;
	length = sizeof pair->peer;
	if (real.getpeername(fd, &pair->peer.any, &length) != 0)
		return false;
	unmap(&pair->local);
	unmap(&pair->peer);
	return is_internet(&pair->local) && is_internet(&pair->peer);
}

static size_t wire(const union address *address, uint8_t bytes[WIRE_SIZE])
{
	size_t length;

	if (address->any.sa_family == AF_INET) {
		length = sizeof address->v4.sin_addr;
		memcpy(bytes, &address->v4.sin_addr, length);
		memcpy(bytes + length, &address->v4.sin_port, 2);
	} else {
		length = sizeof address->v6.sin6_addr;
		memcpy(bytes, &address->v6.sin6_addr, length);
		memcpy(bytes + length, &address->v6.sin6_port, 2);
	}
	return length + 2;
}

static int compare(const struct address_pair *pair)
{
	uint8_t local[WIRE_SIZE] = { 0 }, peer[WIRE_SIZE] = { 0 };

	wire(&pair->local, local);
	wire(&pair->peer, peer);
	return memcmp(local, peer, WIRE_SIZE);
}

bool address_pair_listens(const struct address_pair *pair)
{
	return compare(pair) < 0;
}

bool address_pair_same(const struct address_pair *pair)
{
	return compare(pair) == 0;
}

/* Base 64 as RFC 4648 has it for names (section 5), without padding. */
static void encode(const uint8_t *bytes, size_t length, char *text)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	uint32_t bits = 0;
	unsigned held = 0;

	for (size_t at = 0; at < length; at++) {
		bits = bits << 8 | bytes[at];
		for (held += 8; held >= 6; held -= 6)
			*text++ = digits[bits >> (held - 6) & 63];
	}
	if (held > 0)
		*text++ = digits[bits << (6 - held) & 63];
	*text = '\0';
}

void address_pair_name(const struct address_pair *pair, char name[MEETING_NAME_SIZE])
{
	bool local_first = compare(pair) < 0;
	uint8_t bytes[2 * WIRE_SIZE];
	size_t length = wire(local_first ? &pair->local : &pair->peer, bytes);

	length += wire(local_first ? &pair->peer : &pair->local, bytes + length);
	/* NOLINTNEXTLINE(bugprone-not-null-terminated-result): the rest follows */
	memcpy(name, "tcp-", 4);
	encode(bytes, length, name + 4);
}

static void one_text(const union address *address, char *text, size_t size)
{
	char host[INET6_ADDRSTRLEN] = "?";

	if (address->any.sa_family == AF_INET) {
		inet_ntop(AF_INET, &address->v4.sin_addr, host, sizeof host);
		snprintf(text, size, "%s:%u", host, ntohs(address->v4.sin_port));
	} else {
		inet_ntop(AF_INET6, &address->v6.sin6_addr, host, sizeof host);
		snprintf(text, size, "[%s]:%u", host, ntohs(address->v6.sin6_port));
	}
}

void address_pair_text(const struct address_pair *pair, char text[PAIR_TEXT_SIZE])
{
	char local[INET6_ADDRSTRLEN + 9], peer[INET6_ADDRSTRLEN + 9];

	one_text(&pair->local, local, sizeof local);
	one_text(&pair->peer, peer, sizeof peer);
	snprintf(text, PAIR_TEXT_SIZE, "%s to %s", local, peer);
}
