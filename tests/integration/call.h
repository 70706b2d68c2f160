/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A public call made by a thread of its own, so that it can be seen to sleep and to wake. */
#ifndef TESTS_INTEGRATION_CALL_H
#define TESTS_INTEGRATION_CALL_H

#include "expect.h"

#include <pthread.h>
#include <stdatomic.h>

struct call {
	struct xsock *socket;
	long (*run)(struct call *call);
	void *buffer;
	size_t length;
	int flags;
	/* Once it is over: */
	long result;
	int error;
	atomic_bool over;
	pthread_t thread;
};

long call_recv(struct call *call);
long call_send(struct call *call);
long call_poll(struct call *call);   /* `flags` are the events; revents is the result */
long call_accept(struct call *call); /* `buffer` becomes the socket */

void call_start(struct call *call);
/* Starts it and waits until it sleeps. */
void call_start_asleep(struct call *call);
bool call_is_over(const struct call *call);
/* Waits for it: its result, with its errno. */
long call_end(struct call *call);

#endif
