/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pair.h"

#include "path.h"

#define TURNS 5000
#define TURN 1 /* ms */

/* Each end does its part of the set-up only when it is called. */
static void open_pair(struct pair *pair, struct xsock *listener,
		      const struct xsock_options *options)
{
	struct xsock_pollfd entry = { .events = POLLOUT };
	int ready = 0;

	entry.socket = pair->out = xsock_connect("1/cost", options);
	for (int turn = 0; turn < TURNS && (pair->in == NULL || ready == 0); turn++) {
		if (pair->in == NULL)
			pair->in = xsock_accept(listener, TURN);
		if (ready == 0)
			ready = xsock_poll(&entry, 1, 0);
	}
	must(pair->in != NULL && ready == 1 && xsock_connect_finish(pair->out) == 0,
	     "connecting to itself");
}

void pairs_open(struct pair *pairs, size_t count, size_t ring)
{
	struct xsock_options options = { .send_ring = ring, .recv_ring = ring };
	struct xsock *listener = xsock_listen("cost", &options);

	must(listener != NULL, "listening");
	options.flags = XSOCK_NONBLOCK;
	for (size_t at = 0; at < count; at++)
		open_pair(&pairs[at], listener, &options);
	must(xsock_close(listener) == 0, "closing the listener");
}
