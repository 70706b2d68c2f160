/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a process has used up to now. */
#ifndef BENCH_USAGE_H
#define BENCH_USAGE_H

#include "peer.h"

#include <stdint.h>
#include <sys/types.h>

struct usage {
	double time; /* seconds, of one clock for both processes */
	double cpu;
	double sleeps;      /* voluntary context switches */
	double preemptions; /* the others: somebody else was there */
	double bytes;
	struct counters counters;
};

double now(void);
uint64_t now_ns(void);

/* Of this process. */
struct usage usage_now(uint64_t bytes, const struct peer *peer, struct end *end);

/* Times and sleeps of another process; all zero if it is gone. */
struct usage usage_of(pid_t process);

/* What lies between. */
struct usage usage_since(const struct usage *from, const struct usage *to);

struct held {
	double all;    /* bytes of this process, shared pages divided by those who share them */
	double shared; /* of these, what lies in memory files and the like */
};

struct held held_now(void);

#endif
