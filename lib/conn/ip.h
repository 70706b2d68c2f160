/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An Internet address of either family. An IPv4 address mapped into IPv6 is that IPv4 address. */
#ifndef XSOCK_CONN_IP_H
#define XSOCK_CONN_IP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#define IP_NODE_SIZE 40 /* eight groups of four digits */

struct ip {
	unsigned bits; /* 32 or 128 */
	uint8_t bytes[16];
};

/* -EAFNOSUPPORT for another family, -EINVAL for less than an address. */
int ip_from_sockaddr(const struct sockaddr *address, socklen_t length, struct ip *ip);
/* How many bits the address has as it is written (a mapped one: 128), or -EINVAL. */
int ip_from_text(const char *text, struct ip *ip);
/* Do the first `prefix` bits agree, and the family? */
bool ip_within(const struct ip *ip, const struct ip *network, unsigned prefix);
/* Are all bits after the first `prefix` zero? */
bool ip_ends_at(const struct ip *ip, unsigned prefix);
/* Its name in XenStore, which knows neither . nor : "10-77-0-1", "fd00-0-0-0-0-0-0-1". */
void ip_node_name(const struct ip *ip, char name[IP_NODE_SIZE]);

#endif
