/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What xsock stat shows of two looks at the sockets of a domain. */
#ifndef TOOLS_STAT_TABLE_H
#define TOOLS_STAT_TABLE_H

#include <stdbool.h>

#include "inspect/sockets.h"

struct looks {
	const char *platform;
	unsigned domain;
	const struct sockets *now, *before;
	double seconds; /* between the two */
};

void show_table(const struct looks *looks);
/* False after a complaint. */
bool show_json(const struct looks *looks);

#endif
