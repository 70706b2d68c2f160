/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a victim did, in memory that outlives it; and what its survivor made of that. */
#ifndef TESTS_CRASH_ACCOUNT_H
#define TESTS_CRASH_ACCOUNT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum phase { PHASE_STARTING, PHASE_OPENING, PHASE_MOVING, PHASE_CLOSING, PHASES };

struct account {
	/* The victim's. */
	_Atomic int phase;
	_Atomic uint64_t tag;   /* of what it sends in this life */
	_Atomic uint64_t begun; /* bytes of that which a call was given */
	_Atomic uint64_t done;  /* which a call returned for */
	_Atomic int64_t killed; /* the moment before, in us */
	/* It is another domain's, so nothing of the above is known here. */
	bool elsewhere;
	/* The survivors', over all victims. */
	_Atomic uint64_t whole;  /* connections that ended in order */
	_Atomic uint64_t reset;  /* that a death ended */
	_Atomic uint64_t turned; /* attempts to connect or accept that came to nothing */
	_Atomic uint64_t bytes;  /* received, each of them right */
	_Atomic int64_t slowest; /* from a kill until a call told of it, in us */
};

/* Shared with all children of this process, cleared. */
struct account *account_new(void);
void account_free(struct account *account);
/* For the next victim: of the last one nothing is known any more. */
void account_begin(struct account *account);
/* As "moving", for those who read. */
const char *account_phase(const struct account *account);

#endif
