/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a public call should have done. A check that fails ends the process, as CHECK does. */
#ifndef TESTS_INTEGRATION_EXPECT_H
#define TESTS_INTEGRATION_EXPECT_H

#include "contract/side.h"

#include <xsock/xsock.h>

/* The call returned -1 with this errno, and a sentence that contains `word`. */
void fails_at(long result, int error, const char *word, const char *what, const char *file,
	      int line);
#define FAILS(call, error, word) fails_at((call), (error), (word), #call, __FILE__, __LINE__)
/* The same for a call that returns a socket. */
void fails_to_open_at(const struct xsock *socket, int error, const char *word, const char *what,
		      const char *file, int line);
#define FAILS_TO_OPEN(call, error, word)                                                           \
	fails_to_open_at((call), (error), (word), #call, __FILE__, __LINE__)

/* Waits in small steps until it is so; for what nothing can be polled for. */
void nap(int64_t limit, const char *what, const char *file, int line);
#define AWAIT(truth)                                                                               \
	do {                                                                                       \
		int64_t await_limit = now_us() + WAIT_LIMIT * 1000;                                \
		while (!(truth))                                                                   \
			nap(await_limit, #truth, __FILE__, __LINE__);                              \
	} while (0)

struct xsock_info info_of(struct xsock *socket);

/* What is ready right now of `events`, POLLHUP and POLLERR; and waiting until something is. */
short ready_now(struct xsock *socket, short events);
short await_ready(struct xsock *socket, short events);
/* Does the socket's descriptor show something right now? */
bool descriptor_shows(struct xsock *socket);
void await_descriptor(struct xsock *socket);

#endif
