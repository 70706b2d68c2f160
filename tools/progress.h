/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The line on the terminal that tells how far a transfer is. */
#ifndef TOOLS_PROGRESS_H
#define TOOLS_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#define SIZE_UNKNOWN UINT64_MAX

struct progress {
	bool shown;
	uint64_t done;
	uint64_t total; /* SIZE_UNKNOWN: then no bar and no time left */
	double started; /* seconds */
	double last_shown;
	uint64_t last_done;
	double rate; /* bytes a second, smoothed; 0 not known yet */
};

/* Shown on a terminal unless `quiet`, elsewhere only if `forced`. */
void progress_begin(struct progress *progress, uint64_t total, bool quiet, bool forced);

/* Some more bytes went through; rewrites the line a few times a second. */
void progress_add(struct progress *progress, uint64_t bytes);

/* The last line, with the average rate; it stays. */
void progress_end(struct progress *progress);

#endif
