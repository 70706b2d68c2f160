/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conn/ip.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

static void from_v4(const struct in_addr *address, struct ip *ip)
{
	*ip = (struct ip){ .bits = 32 };
	memcpy(ip->bytes, address, 4);
}

static void from_v6(const struct in6_addr *address, struct ip *ip)
{
	*ip = (struct ip){ .bits = 128 };
	memcpy(ip->bytes, address, 16);
	if (IN6_IS_ADDR_V4MAPPED(address)) {
		*ip = (struct ip){ .bits = 32 };
		memcpy(ip->bytes, (const uint8_t *)address + 12, 4);
	}
}

static int too_short(socklen_t length)
{
	return fail(EINVAL, "%u bytes are too few for an address of this family", length);
}

/* The caller's bytes need not be aligned: copies are taken. */
int ip_from_sockaddr(const struct sockaddr *address, socklen_t length, struct ip *ip)
{
	struct sockaddr_in6 v6;
	struct sockaddr_in v4;
	sa_family_t family;

	if (length < offsetof(struct sockaddr, sa_family) + sizeof family)
		return too_short(length);
	memcpy(&family, &address->sa_family, sizeof family);
	if (family == AF_INET) {
		if (length < sizeof v4)
			return too_short(length);
		memcpy(&v4, address, sizeof v4);
		from_v4(&v4.sin_addr, ip);
		return 0;
	}
	if (family == AF_INET6) {
		if (length < offsetof(struct sockaddr_in6, sin6_scope_id))
			return too_short(length);
		memcpy(&v6, address, offsetof(struct sockaddr_in6, sin6_scope_id));
		from_v6(&v6.sin6_addr, ip);
		return 0;
	}
	return fail(EAFNOSUPPORT, "family %d is neither AF_INET nor AF_INET6", (int)family);
}

int ip_from_text(const char *text, struct ip *ip)
{
	struct in6_addr v6;
	struct in_addr v4;

	if (inet_pton(AF_INET, text, &v4) == 1) {
		from_v4(&v4, ip);
		return 32;
	}
	if (inet_pton(AF_INET6, text, &v6) == 1) {
		from_v6(&v6, ip);
		return 128;
	}
	return fail(EINVAL, "'%.60s' is not an IPv4 or IPv6 address", text);
}

bool ip_within(const struct ip *ip, const struct ip *network, unsigned prefix)
{
	unsigned whole = prefix / 8, rest = prefix % 8;

	if (ip->bits != network->bits || memcmp(ip->bytes, network->bytes, whole) != 0)
		return false;
	return rest == 0 || (ip->bytes[whole] ^ network->bytes[whole]) >> (8 - rest) == 0;
}

bool ip_ends_at(const struct ip *ip, unsigned prefix)
{
	for (unsigned bit = prefix; bit < ip->bits; bit++)
		if ((ip->bytes[bit / 8] & 0x80u >> bit % 8) != 0)
			return false;
	return true;
}

void ip_node_name(const struct ip *ip, char name[IP_NODE_SIZE])
{
	const uint8_t *at = ip->bytes;
	int used = 0;

	if (ip->bits == 32) {
		snprintf(name, IP_NODE_SIZE, "%u-%u-%u-%u", at[0], at[1], at[2], at[3]);
		return;
	}
	for (int group = 0; group < 8; group++, at += 2)
		used += snprintf(name + used, IP_NODE_SIZE - (size_t)used, "%s%x",
				 group > 0 ? "-" : "", (unsigned)(at[0] << 8 | at[1]));
}
