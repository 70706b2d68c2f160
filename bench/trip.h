/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whole messages one at a time, for the scenarios in which ends answer each other. */
#ifndef BENCH_TRIP_H
#define BENCH_TRIP_H

#include "peer.h"

/* Receives exactly `size` bytes, waiting as the plan says. */
void receive_whole(const struct plan *plan, struct end *end, char *buffer, size_t size);

#endif
