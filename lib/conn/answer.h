/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a listener writes over a connector's request: what it offers, or why it refuses. */
#ifndef XSOCK_CONN_ANSWER_H
#define XSOCK_CONN_ANSWER_H

struct connection;

/* Reads the request's node and takes what is offered: 0, the connection open by then or not, or
 * -errno as of xsock_connect. */
int answer_look(struct connection *connection);

#endif
