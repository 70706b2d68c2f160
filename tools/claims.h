/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who claims which address, and what comes of it when two claim the same. */
#ifndef TOOLS_CLAIMS_H
#define TOOLS_CLAIMS_H

#include <stddef.h>

#include "inet.h"

struct claim {
	struct inet address;
	unsigned domain;
};

/* All zero: none yet. */
struct claims {
	struct claim *claim;
	size_t count, room;
};

/* False, after a complaint, when memory ran out. */
bool claims_add(struct claims *claims, const struct inet *address, unsigned domain);

/* Sorts; of claims that agree one stays, of those that do not none, which disputed() is told of. */
void claims_settle(struct claims *claims,
		   void (*disputed)(const struct claim *one, const struct claim *other));

/* The claim on that address among settled ones, or NULL. */
const struct claim *claims_find(const struct claims *claims, const struct inet *address);

void claims_clear(struct claims *claims);

#endif
