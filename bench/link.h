/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How ends in two domains keep in step: what changes in one's struct shared goes to the other's
 * over a TCP connection. While something is measured nothing goes there.
 */
#ifndef BENCH_LINK_H
#define BENCH_LINK_H

#include "role.h"
#include "shared.h"

/* Meets the other end, whichever is there first. */
void link_open(const struct role *role, struct shared *shared);

/* Tells the tally of this end and waits for that of the other. */
void link_finish(void);

#endif
