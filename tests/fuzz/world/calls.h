/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls as a program makes them, of the public API, in the order and with the arguments that the
 * input says. */
#ifndef XSOCK_TESTS_FUZZ_CALLS_H
#define XSOCK_TESTS_FUZZ_CALLS_H

#include "ends.h"

enum call {
	CALL_SEND,
	CALL_RECEIVE,
	CALL_PEEK,
	CALL_CONSUME,
	CALL_RESERVE,
	CALL_COMMIT,
	CALL_POLL,
	CALL_EVENTS,
	CALL_SHUTDOWN,
	CALL_WITHDRAW,
	CALL_INFO,
	CALL_TIME, /* goes by */
	CALL_CLOSE,
	CALLS
};

/* Between two ends that are opened for it on these terms, and closed after it. Until the input is
 * over: one of these calls, by either end. */
void calls_between(const struct terms *terms, const enum call *calls, unsigned count);

#endif
