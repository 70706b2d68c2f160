/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The public calls: which errors xsock.h says each has. */
#ifndef TESTS_FAULTS_CALLS_H
#define TESTS_FAULTS_CALLS_H

#include <stdbool.h>

#include "board.h"

enum call {
	CALL_LISTEN,
	CALL_ACCEPT,
	CALL_CONNECT,
	CALL_CONNECT_FINISH,
	CALL_SHUTDOWN,
	CALL_CLOSE,
	CALL_SET_TIMEOUTS,
	CALL_SEND,
	CALL_RECV,
	CALL_WITHDRAW,
	CALL_RESERVE,
	CALL_COMMIT,
	CALL_PEEK,
	CALL_CONSUME,
	CALL_POLL,
	CALL_FD,
	CALL_READY,
	CALL_SET_EVENTS,
	CALL_LOOKUP,
	CALL_GET_INFO,
	CALLS
};

const char *call_name(enum call call);

/* xsock.h names the error for that call. */
bool call_documents(enum call call, int error);

/* Once its peer's process is gone, the call ends by itself. */
bool call_must_end(const char *name);

/* What a call may say in which a call of that kind failed with `injected`: the same, mostly. */
bool call_may_say(enum call call, const struct plan *plan, int error);

#endif
