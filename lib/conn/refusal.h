/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Why a listener turns requests away, in words, and how often it did. */
#ifndef XSOCK_CONN_REFUSAL_H
#define XSOCK_CONN_REFUSAL_H

#include <stdint.h>

#include "conn/message.h"

struct listener;

/* Finer than what an answer must say, enum refusal, and beside it in an answer. Numbers go over the
 * wire and equal the public enum's. */
enum cause {
	CAUSE_NONE,
	CAUSE_CLASH,      /* roles or directions */
	CAUSE_MALFORMED,  /* or of another version, or not complete in time */
	CAUSE_PAGES,      /* what was granted cannot be used */
	CAUSE_RESOURCES,  /* out of grants, channels, descriptors, memory */
	CAUSE_UNFINISHED, /* the connector gave up, died or did not answer */
	CAUSE_REQUESTS,   /* more nodes than a listener cares to remember */
	CAUSE_DOMAIN_BACKLOG,
	CAUSE_BACKLOG,
	CAUSE_DOMAIN_RATE,
	CAUSE_RATE,
	CAUSE_DOMAIN_CONNECTIONS,
	CAUSE_CONNECTIONS,
	CAUSE_DOMAIN_BYTES,
	CAUSE_BYTES,
	CAUSE_RING,
	CAUSE_COUNT
};

#define REFUSAL_TEXT 256

struct refusals {
	uint64_t total;
	uint64_t count[CAUSE_COUNT]; /* of that, by cause */
	enum cause last;
	unsigned domain; /* the one of the last */
	char text[REFUSAL_TEXT];
};

/* For a connector: what it is told, of a cause that fits the reason; else NULL. */
const char *cause_told(uint64_t cause, uint64_t reason);

/* Counts it. `detail`: a sentence that says more than the cause does, or NULL. */
void refusal_note(struct listener *listener, unsigned domain, enum cause cause, const char *detail);

#endif
