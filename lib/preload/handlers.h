/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The handlers that the program installed. The kernel has signals_enter in place of each of them;
 * so the kernel says whether a signal has a handler, and this table which one.
 */
#ifndef XSOCK_PRELOAD_HANDLERS_H
#define XSOCK_PRELOAD_HANDLERS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

struct handler {
	uintptr_t function; /* of which kind SA_SIGINFO tells */
	int flags;          /* as the program gave them */
};

/* sigaction() as the program sees it. */
int handlers_action(int number, const struct sigaction *action, struct sigaction *old);

/* In signals_enter: the handler to be called now. False when SA_RESETHAND took it away meanwhile.
 */
bool handlers_take(int number, struct handler *handler);
void handler_call(const struct handler *handler, int number, siginfo_t *info, void *context);

/* In a forked child. */
void handlers_forked(void);

#endif
