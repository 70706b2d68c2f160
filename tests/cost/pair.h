/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Both ends of a connection in one process: local domains may connect to themselves. */
#ifndef COST_PAIR_H
#define COST_PAIR_H

#include <xsock/xsock.h>

struct pair {
	struct xsock *out, *in;
};

void pairs_open(struct pair *pairs, size_t count, size_t ring);

#endif
