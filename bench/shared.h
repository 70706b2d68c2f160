/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Memory by which the two ends keep in step and tell their figures. */
#ifndef BENCH_SHARED_H
#define BENCH_SHARED_H

#include "usage.h"

#include <stdatomic.h>
#include <stdint.h>

#define SAMPLES_MAX ((size_t)1 << 20)

enum phase { PHASE_WARM_UP, PHASE_MEASURED, PHASE_OVER };

struct tally {
	struct usage from, to; /* the measured part */
	uint64_t bytes;        /* all */
	uint64_t checksum;
	struct held held;
	size_t buffer;
};

/* What changed while they run. */
enum news { NEWS_ARRIVAL, NEWS_PHASE, NEWS_TOTAL };

struct shared {
	/* Tells the other process, when it does not see this memory, and returns when it knows;
	 * NULL when it does. */
	void (*tell)(enum news news, uint64_t value);
	/* Lines of their own: a benchmark's loop looks at them. */
	_Alignas(128) _Atomic int phase;
	_Alignas(128) _Atomic uint64_t total; /* bytes that will have been sent; 0: not known yet */
	_Alignas(128) _Atomic unsigned arrivals;
	_Alignas(128) struct tally tally[2]; /* by enum side */
	size_t sample_count;
	uint64_t samples[SAMPLES_MAX]; /* nanoseconds */
	uint64_t more_samples[SAMPLES_MAX];
};

/* Zeroed, for this process and those it forks. */
struct shared *shared_create(void);

void set_phase(struct shared *shared, enum phase phase);

/* The other process knows it before anything that is sent from now on comes. */
void set_total(struct shared *shared, uint64_t bytes);

/* Waits for the other process, asking where that tells at once; the run's limit ends it. */
void meet(struct shared *shared);

/* As meet, but sleeping between looks: for waits that may be long. */
void meet_slowly(struct shared *shared);

#endif
