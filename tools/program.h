/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which file a command runs: along $PATH, and behind "#!". */
#ifndef TOOLS_PROGRAM_H
#define TOOLS_PROGRAM_H

#include <limits.h>

/* The file that execvp(3) would run: 0, or the errno of its failure. */
int program_find(const char *name, char path[PATH_MAX]);

/* The file that runs the script `path`: 1, or 0 when it is no script; -1 after a complaint about
 * one that nothing can run. What env(1) is to run in "#!/usr/bin/env NAME" is looked up too. */
int program_behind(const char *path, char interpreter[PATH_MAX]);

#endif
