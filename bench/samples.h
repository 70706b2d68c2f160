/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Percentiles of times. */
#ifndef BENCH_SAMPLES_H
#define BENCH_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

/* Sorts them, and tells "<prefix>min_us", p50, p99, p999 and max. */
void samples_report(const char *prefix, uint64_t *nanoseconds, size_t count);

#endif
