/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whole lives of connections in one process, which is both ends: so the platform is opened and
 * closed in them, too, and each call is made in the same order each time. */
#ifndef TESTS_FAULTS_LIFE_H
#define TESTS_FAULTS_LIFE_H

#include <stdbool.h>

struct life {
	const char *name;
	bool watches; /* the peer's domain, as on Xen */
	/* True when all of it went well. Whatever happens, nothing is left of it. */
	bool (*live)(void);
};

extern const struct life lives[];

#endif
