/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the user is told: one line an event, on stderr or in a file. */
#ifndef XSOCK_PRELOAD_REPORT_H
#define XSOCK_PRELOAD_REPORT_H

struct stream;

/* "PID PROGRAM: LOCAL to PEER: EVENT", when asked for. errno stays. */
void report(const struct stream *stream, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* An environment variable that is no number, and what is taken in its place; also when nobody asked
 * for more. */
void report_setting(const char *name, const char *value, unsigned long taken);
/* Once a stream that was of interest: what it moved, and how. */
void report_closed(struct stream *stream);

#endif
