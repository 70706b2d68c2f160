/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xsock-run --explain: what would become of a program's connections, and why. */
#ifndef TOOLS_EXPLAIN_H
#define TOOLS_EXPLAIN_H

#include <stdbool.h>

/* Prints it. Can the program be carried here? */
bool explain(const char *path, const char *library);

#endif
