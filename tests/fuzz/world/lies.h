/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When the peer writes, and what: taken from the input at each load, and at each look into the
 * store. */
#ifndef XSOCK_TESTS_FUZZ_LIES_H
#define XSOCK_TESTS_FUZZ_LIES_H

#include <stdbool.h>
#include <stdint.h>

void lies_begin(void);
/* Now? Between two lies there are as many honest looks as the input says. */
bool lies_now(void);
/* One was told in this run: what a call says of the peer proves nothing any more. */
bool lies_told(void);

#endif
