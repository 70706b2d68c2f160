/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Signals against the library's own state. A handler may call send() on the very socket whose lock
 * its thread holds, or leave by longjmp (iperf3 does): so handlers are kept out while a lock is
 * held, without a system call in the usual case. And a wait of the library's own has to end, or to
 * go on, as SA_RESTART says.
 *
 * Handlers that the program installs are wrapped: while the thread is inside a hold the wrapper
 * blocks the signal in the interrupted context, sends it to the thread again, and the end of the
 * hold lets it in.
 */
#ifndef XSOCK_PRELOAD_SIGNALS_H
#define XSOCK_PRELOAD_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

/* Nests. Nothing in between may wait for a peer or for the program. */
void signals_hold(void);
void signals_release(void);

/* While held: a handler is to run, once it is let in. */
bool signals_are_deferred(void);

/* Before a wait. */
void signals_wait_begins(void);
/* After a wait that ended with EINTR: did a handler without SA_RESTART run in this thread since
 * signals_wait_begins? (Then the call fails with EINTR, else it goes on.) */
bool signals_interrupted(void);

/* In a forked child. */
void signals_forked(void);

/* What the kernel calls for every handler of the program (handlers.h). */
void signals_enter(int number, siginfo_t *info, void *context);

#endif
