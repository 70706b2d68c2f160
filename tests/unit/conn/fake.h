/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An endpoint over one eventfd, which tells what its test says. */
#ifndef XSOCK_TESTS_UNIT_CONN_FAKE_H
#define XSOCK_TESTS_UNIT_CONN_FAKE_H

#include "conn/endpoint.h"

struct fake {
	struct endpoint endpoint; /* first: the calls come back with it */
	int fd;
	short ready;     /* what `ready` finds; atomic */
	short announced; /* what the next drain of an event makes ready as well */
	struct deadline due;
	short at_due; /* what the drain after that makes ready */
	unsigned drains;
};

void fake_open(struct fake *fake);
void fake_close(struct fake *fake);
/* Something becomes ready and the one descriptor says so, once. */
void fake_event(struct fake *fake, short ready);
/* The same, but only a drain makes it ready, as with a message that has to be read first. */
void fake_announce(struct fake *fake, short ready);
void fake_set_ready(struct fake *fake, short ready);

/* A thread in endpoint_wait. */
struct waiter {
	struct fake *fake;
	pthread_t thread;
	short events;
	int timeout;
	int result;
	bool done; /* atomic */
};

void waiter_start(struct waiter *waiter, struct fake *fake, short events, int timeout);
/* What endpoint_wait returned. */
int waiter_join(struct waiter *waiter);
bool waiter_done(const struct waiter *waiter);
/* How often threads have gone to sleep. */
uint64_t fake_sleeps(struct fake *fake);
/* Until threads have gone to sleep `count` times in all. */
void fake_await_sleeps(struct fake *fake, uint64_t count);

#endif
