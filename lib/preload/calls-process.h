/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The calls that make, replace, confine and end processes. */
#ifndef XSOCK_PRELOAD_CALLS_PROCESS_H
#define XSOCK_PRELOAD_CALLS_PROCESS_H

/* From this library's constructor: what the C library calls at fork() and quick_exit(). */
void process_calls_start(void);

#endif
