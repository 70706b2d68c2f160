/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The public object, and how internal results become errno. */
#ifndef XSOCK_API_SOCKET_H
#define XSOCK_API_SOCKET_H

#include <xsock/xsock.h>

#include "conn/connection.h"
#include "conn/listener.h"

#define PUBLIC __attribute__((visibility("default")))

/* Exactly one of the two is set. */
struct xsock {
	struct listener *listener;
	struct connection *connection;
	unsigned generation; /* of the process that made it */
};

/* -1, with errno and the sentence for the user. */
long socket_failure(long error);
/* What a call returns: `result` itself, or that for a negative one. */
static inline long socket_result(long result)
{
	return result >= 0 ? result : socket_failure(result);
}

/* -EINVAL for NULL, -EBADF for a socket that this process inherited by fork. */
int socket_check(const struct xsock *socket);
/* The connection of a socket that is one and is set up, or NULL with *error. */
struct connection *socket_connection(const struct xsock *socket, int *error);
struct endpoint *socket_endpoint(const struct xsock *socket);

/* What the public options mean, checked. */
struct settings {
	struct wishes wishes;
	struct listener_limits limits;
	struct peer_limits shared; /* a connector's */
	int connect_timeout;
	int send_timeout;
	int recv_timeout;
	bool nonblocking;
	bool spins;
	bool await;
	const unsigned *allow;
	size_t allow_count;
	const char *platform;
};

int settings_from(const struct xsock_options *options, struct settings *settings);

#endif
