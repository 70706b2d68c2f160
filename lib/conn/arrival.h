/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What came of the requests to a listener, in order, until accept takes it. With its endpoint's
 * lock held. */
#ifndef XSOCK_CONN_ARRIVAL_H
#define XSOCK_CONN_ARRIVAL_H

#include "conn/listener.h"

/* Room for one, to be had before the connector is told that it is connected; given back by free()
 * when it is not used. */
int arrival_new(struct arrival **arrival);
/* A connection that stands. */
void arrival_add(struct listener *listener, struct arrival *arrival, struct connection *connection);
/* A set-up of the domain that failed with `error` and the sentence of this moment; left out when
 * the domain has its share of the backlog. */
void arrival_add_failure(struct listener *listener, unsigned domain, int error);
/* How many of the domain's are among them. */
unsigned arrivals_of(const struct listener *listener, unsigned domain);
/* The first: 0 and a connection, the failure that it was, or -EAGAIN. */
int arrival_take(struct listener *listener, struct connection **connection);

#endif
