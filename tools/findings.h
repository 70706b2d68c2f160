/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether the connections of a program can be carried by the preload library, and why not. */
#ifndef TOOLS_FINDINGS_H
#define TOOLS_FINDINGS_H

#include <limits.h>
#include <stdbool.h>

#define FINDINGS_MAX 12
#define FINDING_SIZE (PATH_MAX + 200)

struct findings {
	bool against; /* at least one is */
	unsigned count;
	struct {
		bool against;
		char sentence[FINDING_SIZE]; /* about "it" */
	} finding[FINDINGS_MAX];
};

/* Looks at the file, and at what runs it if it is a script; runs nothing. `library` is the
 * preload library, or NULL when there is none. */
void findings_collect(const char *program, const char *library, struct findings *findings);

#endif
