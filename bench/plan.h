/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What one run of the program measures. */
#ifndef BENCH_PLAN_H
#define BENCH_PLAN_H

#include <stdbool.h>
#include <stddef.h>

struct argp;
struct peer;
struct scenario;

enum placement {
	PLACED_TWO,
	PLACED_ONE,
	PLACED_FREE,
	PLACED_APART /* each end in a domain of its own: bench/end */
};

/* Where an end is. */
struct home {
	unsigned domain;
	const char *address; /* its Internet address */
};

/* How a receiver waits in a round trip. */
enum waiting {
	WAITING_SLEEP,    /* a call that blocks */
	WAITING_ADAPTIVE, /* a short while asking, then a call that blocks */
	WAITING_SPIN      /* asking until it is there */
};

struct plan {
	const struct peer *peer;
	const struct scenario *scenario;
	size_t size;    /* of a message: a multiple of 64 */
	size_t ring;    /* bytes each way, as near as the peer can */
	unsigned batch; /* messages in one call that sends */
	enum placement placement;
	enum waiting waiting;
	bool touch_all; /* every byte of the payload, not one of each cache line */
	double seconds; /* measured, after the warm-up */
	unsigned connections;
	unsigned rate;        /* messages a second, where a scenario paces them */
	unsigned limit;       /* seconds after which it all ends with an error */
	const char *platform; /* xsock's; NULL: what there is */
	struct home home[2];  /* by enum side */
	unsigned port;        /* of the end that listens; 0: any that is free */
	char directory[64];   /* for what needs a name in the file system; ends with the run */
};

const char *placement_name(enum placement placement);
const char *waiting_name(enum waiting waiting);

/* What holds without arguments: two processes of one machine. */
struct plan plan_by_default(void);

/* Takes the options that say what is measured; its input is a struct plan. */
extern const struct argp plan_parser;

/* Exits with a sentence when the arguments are wrong. */
void plan_from_arguments(struct plan *plan, int argc, char **argv);

#endif
