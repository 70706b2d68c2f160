/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where received bytes go. A regular file is written beside its final name and takes that name only
 * when all is there: whoever sees the name sees the whole file, and a failed transfer leaves the
 * old one as it was. Signals that end the program remove the unfinished file first. What is not
 * a regular file (a pipe, a device, standard output) is written straight.
 */
#ifndef TOOLS_OUTPUT_H
#define TOOLS_OUTPUT_H

#include <limits.h>
#include <stdbool.h>
#include <sys/uio.h>

struct output {
	int fd;
	const char *name;         /* for messages */
	char final[PATH_MAX];     /* "" when written straight */
	char temporary[PATH_MAX]; /* likewise */
};

/* NULL or "-" is standard output. All complain and return false on failure. */
bool output_open(struct output *output, const char *path);

bool output_write(struct output *output, const struct iovec *pieces, int count);

/* All is written: gives it its name; `safely` waits until the disk has it. Ends the output. */
bool output_finish(struct output *output, bool safely);

/* Ends the output; an unfinished file goes. */
void output_discard(struct output *output);

#endif
