/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is told of the runs. */
#ifndef TESTS_FAULTS_REPORT_H
#define TESTS_FAULTS_REPORT_H

#include "board.h"
#include "run.h"

struct tally {
	unsigned runs, failed, tolerated, changed, cut_short, defects;
	int64_t longest;
	unsigned by_kind[KINDS];
};

/* Counts the run, and tells of a defect. */
void report_run(struct tally *tally, const struct subject *subject, const struct verdict *verdict,
		bool verbose);
/* A line of all, and one for each kind. */
void report_tally(const struct tally *tally, const struct subject *subject);

#endif
