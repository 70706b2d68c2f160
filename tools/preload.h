/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The library that xsock-run has programs loaded with, and the environment that says so. */
#ifndef TOOLS_PRELOAD_H
#define TOOLS_PRELOAD_H

#include <limits.h>
#include <stdbool.h>

/* Where it is: $XSOCK_PRELOAD, else beside this command in a build directory, else where it is
 * installed. False, without a word, when it is not there; `path` says then where it should be. */
bool preload_find(char path[PATH_MAX]);

/* Puts it before what $LD_PRELOAD has; false after a complaint. */
bool preload_set(const char *path);

#endif
