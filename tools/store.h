/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading XenStore's nodes, for a program that lives with their coming and going. */
#ifndef TOOLS_STORE_H
#define TOOLS_STORE_H

#include <stdbool.h>

#define STORE_PATH 256

struct xs_handle;

/* NULL after a complaint. To be given to xs_close(). */
struct xs_handle *store_open(void);

/* These are false after a complaint; a node that is missing, or not to be read, is no failure. */

/* *value is to be given to free(); NULL when there is no such node. */
bool store_read(struct xs_handle *store, const char *path, char **value);
/* *names is to be given to free(); none when there is no such node. */
bool store_list(struct xs_handle *store, const char *path, char ***names, unsigned *count);

/* This domain's number. */
bool store_own_domain(struct xs_handle *store, unsigned *domain);
/* The number of the running domain with that number or name; false, silently, when there is none.
 */
bool store_domain(struct xs_handle *store, const char *name, unsigned *domain);

/* Is it a domain's number? */
bool store_number(const char *text, unsigned *number);

/* "cannot WHAT PATH: reason", by errno; returns false. */
bool store_failed(const char *what, const char *path);

#endif
