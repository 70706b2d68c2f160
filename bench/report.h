/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a program prints: one JSON object. */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include "scenario.h"

#define STATUS_REFUSED 77

/* Says why this cannot be measured, if so; false if it can. */
bool report_refusal(const struct plan *plan);

void report_result(const struct plan *plan, struct shared *shared);

#endif
