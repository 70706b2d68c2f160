/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What xsock doctor finds, as lines or as JSON. */
#ifndef TOOLS_VERDICTS_H
#define TOOLS_VERDICTS_H

#include <stdbool.h>

enum verdict { VERDICT_OK, VERDICT_WARNING, VERDICT_PROBLEM };

/* `quiet`: what is well goes unsaid. */
void verdicts_begin(bool json, bool quiet);

/* `mend` is the command that mends it, with paths by shell.h; or NULL. */
void verdict(enum verdict verdict, const char *subject, const char *mend, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Whether there were problems; false after a complaint, when not all was said. */
bool verdicts_end(bool *problems);

#endif
