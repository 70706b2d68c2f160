/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How many set-ups a second a listener begins, for each domain and in all: as many at once, then
 * evenly. */
#ifndef XSOCK_CONN_RATE_H
#define XSOCK_CONN_RATE_H

#include "conn/refusal.h"

/* Only of those who asked within the last second. */
struct rate_of_domain {
	struct rate_of_domain *next;
	unsigned domain;
	int64_t paid;
};

struct rates {
	int64_t all; /* the moment up to which what was let in is paid for, ns */
	struct rate_of_domain *domains;
};

/* CAUSE_NONE and counted, or which of the two limits says no; 0 is no limit. Memory for a domain
 * that cannot be had is CAUSE_RESOURCES. */
enum cause rates_take(struct rates *rates, unsigned domain, unsigned domain_limit, unsigned limit);
void rates_free(struct rates *rates);

#endif
