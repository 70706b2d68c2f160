/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All connections of a plan. */
#ifndef BENCH_ENDS_H
#define BENCH_ENDS_H

#include "peer.h"

/* Both sides open them one after the other. */
struct end **ends_open(const struct plan *plan, enum side side);
void ends_close(const struct plan *plan, struct end **ends);

#endif
