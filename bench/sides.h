/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The two processes of a measurement. */
#ifndef BENCH_SIDES_H
#define BENCH_SIDES_H

#include "scenario.h"

/* Runs both sides to their end. When one fails, or the limit is over, so does this process. */
void sides_run(const struct plan *plan, struct shared *shared);

#endif
