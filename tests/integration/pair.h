/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sockets between the two sides: A listens under the scenario's name, B connects. */
#ifndef TESTS_INTEGRATION_PAIR_H
#define TESTS_INTEGRATION_PAIR_H

#include "expect.h"

/* The options (NULL: none) with the side's platform named. */
struct xsock_options with_platform(const struct side *side, const struct xsock_options *options);
const char *address_of_peer(const struct side *side, const char *service);

/* Listens under the scenario's name and tells the other side, which waits for it before it
 * connects. Each open_listener of one side goes with one await_listener of the other. */
struct xsock *open_listener(struct side *side, const struct xsock_options *options);
void await_listener(struct side *side);
/* To the scenario's name, without waiting for a listener; as xsock_connect returns. */
struct xsock *try_connect(struct side *side, const struct xsock_options *options);
struct xsock *must_connect(struct side *side, const struct xsock_options *options);
struct xsock *must_accept(struct xsock *listener);

/* Both sides call it, each with options of its own: A accepts, B connects. */
struct xsock *open_pair(struct side *side, const struct xsock_options *options);

/* Both sides call it, on two ends of one connection: neither goes on before the other is there. */
void meet_over(struct xsock *socket);

#endif
