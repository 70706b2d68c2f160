/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The public calls, each checked as it returns: which errno, which sentence. */
#ifndef TESTS_FAULTS_PUBLIC_H
#define TESTS_FAULTS_PUBLIC_H

/* Closes the sockets that are open still, after a scenario was left in its middle. */
void public_close_all(void);

#endif
