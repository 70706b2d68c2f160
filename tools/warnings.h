/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Warnings of a command that looks at the same things again and again: said when they change. */
#ifndef TOOLS_WARNINGS_H
#define TOOLS_WARNINGS_H

void warnings_begin(void);
void warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Says all since the beginning, unless they are those of the last time. */
void warnings_end(void);

#endif
