/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "shrink.h"

#include <stdlib.h>
#include <string.h>

struct candidate {
	struct operation *operations;
	size_t count;
	char kind[40];
};

/* Another difference would lead to another fault. */
static bool still_differs(struct match *match, uint64_t seed, const struct candidate *candidate)
{
	return !match_again(match, seed, candidate->operations, candidate->count) &&
	       strcmp(match->kind, candidate->kind) == 0;
}

/* Without `length` operations from `from` on, if that still differs. */
static bool leave_out(struct match *match, uint64_t seed, struct candidate *best, size_t from,
		      size_t length)
{
	struct candidate without = *best;

	without.count = best->count - length;
	without.operations = calloc(without.count ? without.count : 1, sizeof(struct operation));
	if (!without.operations)
		return false;
	memcpy(without.operations, best->operations, from * sizeof(struct operation));
	memcpy(without.operations + from, best->operations + from + length,
	       (best->count - from - length) * sizeof(struct operation));
	if (!still_differs(match, seed, &without)) {
		free(without.operations);
		return false;
	}
	/* It may have ended sooner. */
	if (match->count < without.count)
		without.count = match->count;
	free(best->operations);
	*best = without;
	return true;
}

static void print_last(struct match *match, uint64_t seed, const struct candidate *best, FILE *out)
{
	bool differs = still_differs(match, seed, best);

	fprintf(out, "shrunken to %zu operations%s, seed %llu:\n", match->count,
		differs ? "" : " (which this time did not differ)", (unsigned long long)seed);
	match_print_history(match, out);
	if (differs)
		fprintf(out, "%s\n", match->difference);
}

void shrink(struct match *match, uint64_t seed, FILE *out)
{
	struct candidate best = { .count = match->count };

	memcpy(best.kind, match->kind, sizeof best.kind);
	best.operations = calloc(best.count ? best.count : 1, sizeof(struct operation));
	if (!best.operations)
		return;
	memcpy(best.operations, match->script, best.count * sizeof(struct operation));
	if (!still_differs(match, seed, &best)) {
		fprintf(out, "in new actors the script does not differ\n");
		free(best.operations);
		return;
	}
	for (size_t length = best.count / 2; length > 0; length /= 2) {
		fprintf(out, "shrinking: %zu operations\n", best.count);
		for (size_t from = 0; from + length <= best.count;)
			if (!leave_out(match, seed, &best, from, length))
				from += length;
	}
	print_last(match, seed, &best, out);
	free(best.operations);
}
