/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an executable or library says about itself: how it is linked, and what it calls. */
#ifndef TOOLS_EXECUTABLE_H
#define TOOLS_EXECUTABLE_H

#include <limits.h>
#include <stdbool.h>

#define EXECUTABLE_CALLS 128

struct executable {
	int class, machine;           /* of elf.h */
	char interpreter[PATH_MAX];   /* its loader; "": it has none */
	bool go;                      /* made by Go's compiler */
	bool io_uring;                /* calls liburing */
	char calls[EXECUTABLE_CALLS]; /* those that need a socket in the kernel: "fdopen, splice" */
};

/* 0, -1 after a complaint, or 1 when it is no ELF file. */
int executable_read(const char *path, struct executable *facts);

#endif
