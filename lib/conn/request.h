/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A connector's set-up. It reads the listener's announcement, writes one node with its request
 * below the listener's, and waits: for the listener's sign in the control page when it granted,
 * else for the answer that the listener writes over the request. Then the node is removed, whatever
 * came of it.
 */
#ifndef XSOCK_CONN_REQUEST_H
#define XSOCK_CONN_REQUEST_H

#include "base/deadline.h"
#include "conn/address.h"
#include "conn/terms.h"

struct connection;
struct request;

/* Starts; the connection is under way, open or failed by its endpoint's drains. `wishes` is
 * completed with the own domain. Takes over the hold on the platform when it succeeds. */
int request_begin(struct platform *platform, const struct address *address, struct wishes *wishes,
		  int timeout, struct connection **connection);

/* Does what is due, without waiting. */
void request_step(struct connection *connection);
int request_fd(const struct request *request);
struct deadline request_deadline(const struct request *request);
void request_end(struct request *request);
void request_abandon(struct request *request);

#endif
