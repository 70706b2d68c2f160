/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the runner and the sides of a run have in common: the fault to make, and what came of it. */
#ifndef TESTS_FAULTS_BOARD_H
#define TESTS_FAULTS_BOARD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kinds.h"

#define FRAMES 12
#define PLACES_MAX 2048
#define SIDES 2

/* Which call fails: of that kind, on that side, from that place (0: any), the n-th. */
struct plan {
	bool armed;
	unsigned side;
	enum kind kind;
	uint32_t place;
	unsigned n;
	int error;
	bool stays; /* and all after it */
};

/* Where in the library calls of a kind are made from. */
struct place {
	enum kind kind;
	uint32_t hash;
	unsigned calls;
	void *frames[FRAMES];
};

struct part {
	int process; /* the side's; a scenario may have others */
	atomic_uint matched, fired;
	atomic_uint failed;    /* public calls that failed after the fault */
	atomic_uint tolerated; /* calls that failed without their public call failing */
	/* The public call that the main thread is in, or NULL; since when, in us. Literals: all
	 * processes are forks of one. */
	_Atomic(const char *) inside;
	_Atomic int64_t since;
	atomic_bool stopped; /* a check failed */
	atomic_bool by_hand; /* it used the platform without the library */
	atomic_bool forked;  /* the scenario has processes of its own, which it may kill */
	void *frames[FRAMES];
	char defect[600], outcome[400];
	/* Only when places are recorded. */
	atomic_uint place_count;
	struct place places[PLACES_MAX];
	/* Blocks of memory still there at the end, by place, recorded and allowed later. */
	/* Public calls that fail without a fault, and with what: recorded too. */
	unsigned expected_count;
	struct {
		unsigned call;
		int error;
	} expected[64];
	unsigned kept_count;
	uint32_t kept[64];
};

struct board {
	struct plan plan;
	bool recording;
	atomic_bool gives_up;      /* the test's own waits end */
	atomic_bool child_stopped; /* a check failed in a process of the scenario's own */
	struct part parts[SIDES];
};

extern struct board *board;
extern struct part *part; /* this process's, NULL in the runner */

void board_make(void);
/* For a new run. */
void board_clear(void);
/* Notes the first defect of this side. */
void board_defect(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
