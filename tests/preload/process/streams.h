/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Counts of what the replaced calls told the connections, in memory that forked children share. */
#ifndef XSOCK_TESTS_PRELOAD_PROCESS_STREAMS_H
#define XSOCK_TESTS_PRELOAD_PROCESS_STREAMS_H

#include <stdatomic.h>
#include <sys/types.h>

struct told {
	atomic_uint exec, sealed, failed, seal, exit, fork, parent, child, limits;
	atomic_ullong limit; /* the last one */
	atomic_int exit_process; /* which process said so last */
	atomic_int pinned;       /* the last descriptor */
};

extern struct told *told;

/* Forgets what was told so far. */
void told_reset(void);

/* The wait status of a child of fork() that runs `body`, and ends with its result by the system
 * call itself. */
int status_of_child(int (*body)(void));
int wait_for(pid_t child);

#endif
