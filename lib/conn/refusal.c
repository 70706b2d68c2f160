/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conn/refusal.h"

#include <inttypes.h>
#include <stdio.h>

#include "conn/listener.h"

/* Limits are told the same way at both ends. */
#define OVER "over the listener's limit of "

static const struct {
	enum refusal reason; /* none: a connector has nothing to learn of it beyond the reason */
	const char *told;
} causes[CAUSE_COUNT] = {
	[CAUSE_CLASH] = { REFUSED_NONE, "its role or direction does not fit the listener's" },
	[CAUSE_MALFORMED] = { REFUSED_MALFORMED,
			      "its request was malformed, or not complete in time" },
	[CAUSE_PAGES] = { REFUSED_PAGES, "what it granted could not be used" },
	[CAUSE_RESOURCES] = { REFUSED_RESOURCES,
			      "no grants, event channels, descriptors or memory were left" },
	[CAUSE_UNFINISHED] = { REFUSED_NONE, "it gave up, ended or did not answer in time" },
	[CAUSE_REQUESTS] = { REFUSED_NONE,
			     "too many nodes of it, for the limit on set-ups (the option backlog)" },
	[CAUSE_DOMAIN_BACKLOG] = { REFUSED_BUSY,
				   OVER "set-ups of one domain that are under way or not accepted "
					"(its option max_domain_backlog)" },
	[CAUSE_BACKLOG] = { REFUSED_BUSY, OVER "set-ups that are under way or not accepted (its "
					       "option backlog)" },
	[CAUSE_DOMAIN_RATE] = { REFUSED_BUSY, OVER "set-ups a second of one domain (its option "
						   "max_domain_rate)" },
	[CAUSE_RATE] = { REFUSED_BUSY, OVER "set-ups a second (its option max_rate)" },
	[CAUSE_DOMAIN_CONNECTIONS] = { REFUSED_LIMIT,
				       OVER "connections with one domain (its option "
					    "max_domain_connections)" },
	[CAUSE_CONNECTIONS] = { REFUSED_LIMIT,
				OVER "connections with all domains (its option max_connections)" },
	[CAUSE_DOMAIN_BYTES] = { REFUSED_LIMIT, OVER "bytes of the rings shared with one domain "
						     "(its option max_domain_bytes)" },
	[CAUSE_BYTES] = { REFUSED_LIMIT, OVER "bytes of the rings shared with all domains (its "
					      "option max_bytes)" },
	[CAUSE_RING] = { REFUSED_LIMIT, OVER "bytes of one ring (its option max_ring)" },
};

const char *cause_told(uint64_t cause, uint64_t reason)
{
	if (cause >= CAUSE_COUNT || reason == REFUSED_NONE || causes[cause].reason != reason)
		return NULL;
	return causes[cause].told;
}

static uint64_t limit_of(const struct listener_limits *limits, enum cause cause)
{
	switch (cause) {
	case CAUSE_DOMAIN_BACKLOG:
		return limits->domain_backlog;
	case CAUSE_BACKLOG:
		return limits->backlog;
	case CAUSE_DOMAIN_RATE:
		return limits->domain_rate;
	case CAUSE_RATE:
		return limits->rate;
	case CAUSE_DOMAIN_CONNECTIONS:
		return limits->shared.domain_connections;
	case CAUSE_CONNECTIONS:
		return limits->shared.connections;
	case CAUSE_DOMAIN_BYTES:
		return limits->shared.domain_pages * (uint64_t)PAGE_BYTES;
	case CAUSE_BYTES:
		return limits->shared.pages * (uint64_t)PAGE_BYTES;
	case CAUSE_RING:
		return limits->ring_bytes;
	default:
		return 0;
	}
}

void refusal_note(struct listener *listener, unsigned domain, enum cause cause, const char *detail)
{
	struct refusals *refusals = &listener->refusals;
	uint64_t limit = limit_of(&listener->limits, cause);
	char number[32] = "", who[24] = "an unknown domain";

	refusals->total++;
	refusals->count[cause]++;
	refusals->last = cause;
	refusals->domain = domain;
	if (limit != 0)
		snprintf(number, sizeof number, ": %" PRIu64, limit);
	if (domain <= DOMAIN_MAX)
		snprintf(who, sizeof who, "domain %u", domain);
	snprintf(refusals->text, sizeof refusals->text, "%s was refused: %s%s", who,
		 detail != NULL ? detail : causes[cause].told, number);
}
