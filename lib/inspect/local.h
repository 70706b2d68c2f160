/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What only the local platform has; another one is left alone. */
#ifndef XSOCK_INSPECT_LOCAL_H
#define XSOCK_INSPECT_LOCAL_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct platform;

/* In the order of enum leftover_kind. */
enum { LOCAL_GRANTS, LOCAL_PORTS, LOCAL_WATCHES, LOCAL_REMAINS };

/* Adds to `count` what dead processes of the platform's own domain left outside the store; removes
 * it too. 0, or -errno where something could not be looked at, with the rest counted. */
int local_remains(struct platform *platform, bool remove, unsigned count[LOCAL_REMAINS]);

/* The directory, there or not. 0, or -errno, as in a build without the platform. */
int local_directory(char path[PATH_MAX]);

/* The numbers of the domains that have ever been there, for free(). 0, or -errno. */
int local_domains(unsigned **domains, size_t *count);

/* How much of the store's file is in use. 0, or -errno. */
struct local_usage {
	unsigned nodes, watches, most; /* of each */
};

int local_usage(struct platform *platform, struct local_usage *usage);

#endif
