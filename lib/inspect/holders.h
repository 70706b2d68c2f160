/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The processes that use xsock in a domain: those that have the domain's lock file open. */
#ifndef XSOCK_INSPECT_HOLDERS_H
#define XSOCK_INSPECT_HOLDERS_H

#include <stdbool.h>

struct platform;

/* Of another process, which may lie, end, or become another one's number at any time: what is open
 * here stays this one's. */
struct holder {
	int process;
	int directory_fd; /* /proc/<process> */
	char command[16]; /* printable */
};

/* Is told of each; returns false to end it. */
typedef bool holder_found(const struct holder *holder, void *context);

/* Those in the platform's own domain, or with `all` in any of the local platform's; not this
 * process. 0, or -errno. *hidden counts processes that this user may not look at. */
int holders_find(const struct platform *platform, bool all, holder_found *found, void *context,
		 unsigned *hidden);

#endif
