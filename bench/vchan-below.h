/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What libxenvchan runs on: Xen, or an emulation of it. */
#ifndef BENCH_VCHAN_BELOW_H
#define BENCH_VCHAN_BELOW_H

#include "peer.h"

extern const char vchan_kind[];

/* Before it is used, for that many channels. */
void vchan_below_create(unsigned channels);

/* Of this process. */
void vchan_below_count(struct counters *counters);

#endif
