/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A connector's set-up. It reads the listener's announcement, or watches for it, writes one node
 * with its request below the listener's, and waits: for the listener's sign in the control page
 * when it granted, else for the answer that the listener writes over the request. Then the node is
 * removed, whatever came of it, unless the listener does that: when it took what was granted.
 */
#ifndef XSOCK_CONN_REQUEST_H
#define XSOCK_CONN_REQUEST_H

#include "base/deadline.h"
#include "conn/announcement.h"
#include "conn/peers.h"

struct connection;

struct request {
	struct platform *platform;
	struct store *store;
	struct address address;
	struct wishes wishes;
	struct peer_limits limits;
	struct deadline deadline;
	int timeout;                /* ms, for the sentence */
	bool awaiting;              /* nobody listens yet */
	struct deadline look_again; /* while awaiting: is the domain still there? */
	bool written;
	struct announcement announcement;
	char path[STORE_PATH_MAX]; /* the request's node */
};

/* The ends can never agree: the listener is asked all the same, so that it learns of it too. */
static inline bool request_clashes(const struct request *request)
{
	return request->announcement.clash[0] != '\0';
}

/* Starts; the connection is under way, open or failed by its endpoint's drains. With `await` it may
 * start before the listener is there. The own domain in `wishes` need not be set. Takes over the
 * hold on the platform when it succeeds. */
int request_begin(struct platform *platform, const struct address *address,
		  const struct wishes *wishes, const struct peer_limits *limits, int timeout,
		  bool await, struct connection **connection);

/* Does what is due, without waiting. */
void request_step(struct connection *connection);
int request_fd(const struct request *request);
struct deadline request_deadline(const struct request *request);
void request_end(struct request *request);
void request_abandon(struct request *request);

#endif
