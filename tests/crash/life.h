/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What one end does with a connection: sends a stream, receives one, or both, then closes. A
 * stream begins with its tag and its length, so a receiver knows whose it is and how much there
 * must be; every byte tells its position.
 */
#ifndef TESTS_CRASH_LIFE_H
#define TESTS_CRASH_LIFE_H

#include "account.h"
#include "plan.h"

struct stream {
	bool open;            /* it goes on */
	uint64_t tag, length; /* of the one received: not before it came so far */
	uint64_t at;
};

struct life {
	const struct plan *plan;
	bool victim;
	struct xsock *socket;
	struct account *account; /* the victim's to fill */
	uint64_t *random;
	struct stream out, in;
	uint64_t enough;         /* received, when to close early */
	int out_error, in_error; /* what ended the one and the other, 0 when nothing did */
};

#define STREAM_HEADER 16u

/* Until both streams have ended, each in its way; the socket stays open. A byte that is wrong, or
 * an end before the length, ends the process. */
void life_live(struct life *life);

#endif
