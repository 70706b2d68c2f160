/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * All that a subcommand says on standard error: complaints, notes for -v and the one line that is
 * rewritten in place. Being in one place, they don't garble each other.
 */
#ifndef TOOLS_REPORT_H
#define TOOLS_REPORT_H

#include <stdbool.h>

/* The command's name, in front of each message; and whether notes are shown. */
void report_begin(const char *command);
void report_verbose(bool verbose);

/* "xsock send: SUBJECT: ..."; without a subject when it is NULL. */
void complain(const char *subject, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same, only with -v. */
void note(const char *subject, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Shows `line` in place of the one shown before. */
void report_line(const char *line);

/* Leaves the line last shown as it is and goes to the next. */
void report_line_end(void);

#endif
