/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One run of a life or a scenario, with the fault that the board plans. */
#ifndef TESTS_FAULTS_RUN_H
#define TESTS_FAULTS_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "contract/side.h"
#include "life.h"

struct subject {
	const char *name;
	const struct life *life; /* or */
	const struct scenario *scenario;
};

struct verdict {
	bool good;      /* no defect */
	bool changed;   /* no call failed, but something else came of the scenario */
	bool fired;     /* the fault was made */
	bool completed; /* nobody noticed it */
	bool cut_short; /* what is left could not be counted */
	int64_t took;   /* ms */
	unsigned side;  /* whose defect it is */
	char text[700];
};

/* To be called once, first. */
void run_start(void);
void run(const struct subject *subject, struct verdict *verdict);
/* What the processes printed in the last run. */
void run_show_output(void);

#endif
