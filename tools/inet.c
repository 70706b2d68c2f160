/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "inet.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static void take_v4(struct inet *inet, const void *bytes)
{
	*inet = (struct inet){ .family = AF_INET };
	memcpy(inet->bytes, bytes, 4);
}

static void take_v6(struct inet *inet, const struct in6_addr *address)
{
	if (IN6_IS_ADDR_V4MAPPED(address)) {
		take_v4(inet, address->s6_addr + 12);
		return;
	}
	*inet = (struct inet){ .family = AF_INET6 };
	memcpy(inet->bytes, address, 16);
}

bool inet_parse(const char *text, struct inet *inet)
{
	struct in6_addr v6;
	struct in_addr v4;

	if (inet_pton(AF_INET, text, &v4) == 1)
		return take_v4(inet, &v4), true;
	if (inet_pton(AF_INET6, text, &v6) == 1)
		return take_v6(inet, &v6), true;
	return false;
}

bool inet_from_sockaddr(const struct sockaddr *address, struct inet *inet)
{
	struct sockaddr_in6 v6;
	struct sockaddr_in v4;

	if (address && address->sa_family == AF_INET) {
		memcpy(&v4, address, sizeof v4);
		return take_v4(inet, &v4.sin_addr), true;
	}
	if (address && address->sa_family == AF_INET6) {
		memcpy(&v6, address, sizeof v6);
		return take_v6(inet, &v6.sin6_addr), true;
	}
	return false;
}

/* Four numbers are an IPv4 address, eight an IPv6 one: inet_pton sees to the rest. */
bool inet_from_node(const char *name, struct inet *inet)
{
	char text[INET_TEXT], again[INET_TEXT];
	size_t length = strlen(name), dashes = 0;

	if (length >= sizeof text)
		return false;
	for (size_t i = 0; i < length; i++)
		dashes += name[i] == '-';
	for (size_t i = 0; i <= length; i++)
		text[i] = name[i] != '-' ? name[i] : dashes == 3 ? '.' : ':';
	if (!inet_parse(text, inet))
		return false;
	/* There is one name for an address, and no lookup asks for another. */
	inet_to_node(inet, again);
	return !strcmp(name, again);
}

void inet_to_node(const struct inet *inet, char name[INET_TEXT])
{
	const unsigned char *at = inet->bytes;
	int used = 0;

	if (inet->family == AF_INET) {
		snprintf(name, INET_TEXT, "%u-%u-%u-%u", at[0], at[1], at[2], at[3]);
		return;
	}
	for (int group = 0; group < 8; group++, at += 2)
		used += snprintf(name + used, INET_TEXT - (size_t)used, "%s%x", group ? "-" : "",
				 (unsigned)(at[0] << 8 | at[1]));
}

const char *inet_text(const struct inet *inet, char text[INET_TEXT])
{
	return inet_ntop(inet->family, inet->bytes, text, INET_TEXT);
}

int inet_compare(const struct inet *one, const struct inet *other)
{
	if (one->family != other->family)
		return one->family == AF_INET ? -1 : 1;
	return memcmp(one->bytes, other->bytes, sizeof one->bytes);
}

const char *inet_unfit(const struct inet *inet)
{
	static const unsigned char zero[16];
	const unsigned char *at = inet->bytes;
	struct in6_addr v6;

	if (!memcmp(at, zero, sizeof zero))
		return "no address";
	if (inet->family == AF_INET) {
		if (at[0] == 127)
			return "a loopback address";
		if (at[0] == 169 && at[1] == 254)
			return "a link-local address";
		return at[0] >= 240   ? "a reserved address"
		       : at[0] >= 224 ? "a multicast address"
				      : NULL;
	}
	memcpy(&v6, at, sizeof v6);
	if (IN6_IS_ADDR_LOOPBACK(&v6))
		return "a loopback address";
	if (IN6_IS_ADDR_LINKLOCAL(&v6))
		return "a link-local address";
	return IN6_IS_ADDR_MULTICAST(&v6) ? "a multicast address" : NULL;
}
