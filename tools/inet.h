/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An IPv4 or IPv6 address, as people and as XenStore's nodes write it (docs/protocol.md). */
#ifndef TOOLS_INET_H
#define TOOLS_INET_H

#include <arpa/inet.h>
#include <stdbool.h>
#include <sys/socket.h>

#define INET_TEXT INET6_ADDRSTRLEN

struct inet {
	int family; /* AF_INET, AF_INET6 */
	unsigned char bytes[16];
};

/* An IPv4 address mapped into IPv6 is that IPv4 address. All are false for what is no address. */
bool inet_parse(const char *text, struct inet *inet);
bool inet_from_sockaddr(const struct sockaddr *address, struct inet *inet);
/* "10-77-0-1", "fd00-0-0-0-0-0-0-1". */
bool inet_from_node(const char *name, struct inet *inet);
void inet_to_node(const struct inet *inet, char name[INET_TEXT]);
/* Returns `text`. */
const char *inet_text(const struct inet *inet, char text[INET_TEXT]);

/* IPv4 first; within a family by number. */
int inet_compare(const struct inet *one, const struct inet *other);

/* Why the address cannot be one domain's and no other's: "a multicast address"; NULL: it can. */
const char *inet_unfit(const struct inet *inet);

#endif
