/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The two addresses of a TCP connection, and the name under which both ends look for each other. */
#ifndef XSOCK_PRELOAD_ADDRESS_H
#define XSOCK_PRELOAD_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <netinet/in.h>

#define MEETING_NAME_SIZE 64
#define PAIR_TEXT_SIZE 128

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_storage storage;
};

struct address_pair {
	union address local;
	union address peer;
};

/* Both addresses of a connected TCP socket, IPv4 in IPv6 as plain IPv4; false when it is not connected. */
bool address_pair_read(int fd, struct address_pair *pair);
/* The same on both ends, as it is made of the addresses in order: "tcp-" and letters, digits, - and _. */
void address_pair_name(const struct address_pair *pair, char name[MEETING_NAME_SIZE]);
/* Is this end the one that listens? Exactly one of the two is; neither when both addresses are the same. */
bool address_pair_listens(const struct address_pair *pair);
bool address_pair_same(const struct address_pair *pair);
/* "10.0.0.1:80 to 10.0.0.2:4711" */
void address_pair_text(const struct address_pair *pair, char text[PAIR_TEXT_SIZE]);

#endif
