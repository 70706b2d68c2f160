/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* More processes of this side's domain. */
#ifndef TESTS_INTEGRATION_PROCESS_H
#define TESTS_INTEGRATION_PROCESS_H

#include "pair.h"

#include <sys/types.h>

/* Runs `work` in a forked child that ends after it, in a process group of its own; it has sockets
 * of its own only, and no words to say or hear. */
pid_t process_start(struct side *side, void (*work)(struct side *side, void *argument),
		    void *argument);
/* Waits for it; its checks must all have held. */
void process_end(pid_t child);
/* SIGKILL, to the child alone; then to what it left alive of its own children. */
void process_kill(pid_t child);
void process_kill_rest(pid_t child);
/* Until killed. */
void process_sleep(void) __attribute__((noreturn));
/* Clears away what killed processes of this domain left, as the next user of the library does. */
void clear_away(struct side *side);

#endif
