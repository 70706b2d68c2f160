/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What threads of one process do with connections at the same time; each is one round of it. */
#ifndef TESTS_PRELOAD_RACES_CASES_H
#define TESTS_PRELOAD_RACES_CASES_H

/* Both ends send and receive, while others wait by poll and epoll, and ask and set this and that.
 */
void case_duplex(void);
/* shutdown, and close, against threads that send, receive and wait. */
void case_shutdown(void);
void case_close(void);
/* Several threads accept from one listener, several connect. */
void case_accept(void);
/* The process forks, again and again; children leave at once, or use a connection. */
void case_fork(void);

#endif
