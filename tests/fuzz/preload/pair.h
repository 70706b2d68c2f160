/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An xsock connection between the program and its peer, as they have it once they met. */
#ifndef XSOCK_TESTS_FUZZ_PAIR_H
#define XSOCK_TESTS_FUZZ_PAIR_H

#include <stdbool.h>

struct xsock;

/* Both to be closed by xsock_close, whatever comes of it; either may be NULL when it is false. */
bool pair_open(struct xsock **program, struct xsock **peer);

#endif
