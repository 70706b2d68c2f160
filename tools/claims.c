/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "claims.h"

#include <stdlib.h>

#include "report.h"

bool claims_add(struct claims *claims, const struct inet *address, unsigned domain)
{
	size_t room = claims->room ? claims->room * 2 : 16;
	struct claim *larger;

	if (claims->count == claims->room) {
		larger = realloc(claims->claim, room * sizeof *larger);
		if (!larger)
			return complain(NULL, "out of memory"), false;
		claims->claim = larger;
		claims->room = room;
	}
	claims->claim[claims->count++] = (struct claim){ *address, domain };
	return true;
}

static int compare_addresses(const void *one, const void *other)
{
	return inet_compare(&((const struct claim *)one)->address,
			    &((const struct claim *)other)->address);
}

static int compare(const void *one, const void *other)
{
	const struct claim *a = one, *b = other;
	int difference = compare_addresses(one, other);

	return difference ? difference : (a->domain > b->domain) - (a->domain < b->domain);
}

void claims_settle(struct claims *claims,
		   void (*disputed)(const struct claim *one, const struct claim *other))
{
	struct claim *claim = claims->claim;
	size_t kept = 0, end;

	if (claims->count)
		qsort(claim, claims->count, sizeof *claim, compare);
	for (size_t at = 0; at < claims->count; at = end) {
		end = at + 1;
		while (end < claims->count && !compare_addresses(&claim[at], &claim[end]))
			end++;
		/* Sorted by domain too, so the first and the last differ if any two do. */
		if (claim[at].domain == claim[end - 1].domain)
			claim[kept++] = claim[at];
		else
			disputed(&claim[at], &claim[end - 1]);
	}
	claims->count = kept;
}

const struct claim *claims_find(const struct claims *claims, const struct inet *address)
{
	struct claim wanted = { .address = *address };

	if (!claims->count)
		return NULL;
	return bsearch(&wanted, claims->claim, claims->count, sizeof wanted, compare_addresses);
}

void claims_clear(struct claims *claims)
{
	free(claims->claim);
	*claims = (struct claims){ 0 };
}
