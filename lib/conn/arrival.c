/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conn/arrival.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "conn/connection.h"

struct arrival {
	struct arrival *next;
	struct connection *connection; /* NULL for a failure */
	unsigned domain;
	int error;
	char reason[256];
};

static void append(struct listener *listener, struct arrival *arrival)
{
	*listener->last = arrival;
	listener->last = &arrival->next;
	listener->waiting++;
}

int arrival_new(struct arrival **arrival)
{
	*arrival = calloc(1, sizeof **arrival);
	return *arrival != NULL ? 0 : fail(ENOMEM, "no memory for an accepted connection");
}

void arrival_add(struct listener *listener, struct arrival *arrival, struct connection *connection)
{
	arrival->connection = connection;
	arrival->domain = connection->domain;
	append(listener, arrival);
}

void arrival_add_failure(struct listener *listener, unsigned domain, int error)
{
	struct arrival *arrival;

	/* Failures must not grow the queue for ever when nobody accepts. */
	if (listener->waiting >= listener->limits.backlog ||
	    arrivals_of(listener, domain) >= listener->limits.domain_backlog)
		return;
	arrival = calloc(1, sizeof *arrival);
	if (arrival == NULL) {
		arrival = listener->spare;
		listener->spare = NULL;
	}
	/* Accept has another failure to tell first. */
	if (arrival == NULL)
		return;
	*arrival = (struct arrival){ .domain = domain, .error = error };
	snprintf(arrival->reason, sizeof arrival->reason, "%s", last_failure());
	append(listener, arrival);
}

unsigned arrivals_of(const struct listener *listener, unsigned domain)
{
	unsigned count = 0;

	for (const struct arrival *at = listener->first; at != NULL; at = at->next)
		count += at->domain == domain;
	return count;
}

int arrival_take(struct listener *listener, struct connection **connection)
{
	struct arrival *arrival = listener->first;
	int error;

	if (arrival == NULL)
		return fail(EAGAIN, "nobody is waiting to be accepted");
	listener->first = arrival->next;
	if (listener->first == NULL)
		listener->last = &listener->first;
	listener->waiting--;
	*connection = arrival->connection;
	error = arrival->connection == NULL ? fail(arrival->error, "%s", arrival->reason) : 0;
	free(listener->spare);
	listener->spare = arrival;
	return error;
}
