/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether a listener lets a request in: what it says, and the limits that come before a set-up. */
#ifndef XSOCK_CONN_ADMISSION_H
#define XSOCK_CONN_ADMISSION_H

#include "conn/listener.h"
#include "conn/message.h"

/* Why not: the reason for the answer, REFUSED_NONE when it is let in, and the cause. */
struct verdict {
	enum refusal reason;
	enum cause cause;
};

/* A request of the domain, which has `pending` set-ups under way or not accepted. Counts it for the
 * rate; `terms` are what was agreed when it is let in. */
struct verdict admit(struct listener *listener, unsigned domain, unsigned pending,
		     const struct message *message, struct terms *terms);

/* What became of a set-up that failed with `error`. */
struct verdict verdict_of(int error, enum cause over);

#endif
