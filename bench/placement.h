/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BENCH_PLACEMENT_H
#define BENCH_PLACEMENT_H

#include "peer.h"

/* Why this machine has no such placement; NULL if it has. */
const char *placement_refused(enum placement placement);

/* May both ends be on one processor? */
bool placement_shares(enum placement placement);

/* Puts this process where the plan says. */
void place(enum placement placement, enum side side);

#endif
