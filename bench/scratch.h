/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The run's own directory, for sockets' names and for xsock's local platform. */
#ifndef BENCH_SCRATCH_H
#define BENCH_SCRATCH_H

#include "plan.h"

/* Makes it, and removes it when this process exits; its children leave it alone. */
void scratch_create(struct plan *plan);

#endif
