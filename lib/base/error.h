/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The one error doctrine: a function that can fail returns -errno and the place where things went
 * wrong leaves a sentence for a human with fail(). Callers pass the number up unchanged, or add
 * what they knew.
 */
#ifndef XSOCK_BASE_ERROR_H
#define XSOCK_BASE_ERROR_H

#include <errno.h>

/* Notes the sentence for this thread and returns -error. `format` does not repeat strerror's text.
 */
int fail(int error, const char *format, ...) __attribute__((format(printf, 2, 3), cold));

/* The same where failing is nothing rare: the sentence is only put together when somebody reads it.
 * So the texts must be constants; without `behind` the number is left out. */
int fail_often(int error, const char *before, unsigned number, const char *behind);

/* Between these two, which may be nested, fail() leaves the sentence as it is: what goes wrong
 * while a failure is cleaned up after must not hide it. */
void failure_hold(void);
void failure_release(void);

/* The other way round: the sentence of now, to be put back after work whose failures matter
 * elsewhere. */
struct failure {
	const char *before,
		*behind; /* the sentence is still to be made of them, if there are any */
	unsigned number;
	char sentence[512];
};
void failure_save(struct failure *failure);
void failure_restore(const struct failure *failure);

/* This thread's last sentence. */
const char *last_failure(void);

/* The one that users see: of the last public call that failed. Calls that succeed may well have had
 * failures inside. */
void failure_show(void);
const char *shown_failure(void);

#endif
