/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "inject.h"

#include <errno.h>
#include <execinfo.h>
#include <string.h>

_Thread_local struct inside inside;

/* Where the wrappers of public calls are: frames from here on are no part of a place. */
extern const char __start_public_text[], __stop_public_text[];
/* Wherever the program is loaded, a place has the same hash. */
extern const char __executable_start[];

void inject_start(void)
{
	void *frames[2];

	/* Its first call loads a library. */
	backtrace(frames, 2);
}

uint32_t inject_frames(void *frames[FRAMES])
{
	void *all[FRAMES + 4];
	int count, kept = 0;
	uint32_t hash = 0x811c9dc5u;
	unsigned depth = inside.depth;

	/* It may allocate. */
	inside.depth = 0;
	count = backtrace(all, FRAMES + 4);
	inside.depth = depth;
	memset(frames, 0, FRAMES * sizeof *frames);
	for (int at = 1; at < count && kept < FRAMES; at++) {
		const char *frame = all[at];

		if (frame >= __start_public_text && frame < __stop_public_text)
			break;
		frames[kept++] = all[at];
		hash = (hash ^ (uint32_t)(frame - __executable_start)) * 0x01000193u;
	}
	return hash | 1;
}

/* Two threads may add one twice, which costs a run. */
static void record(enum kind kind, uint32_t hash, void *const frames[FRAMES])
{
	unsigned count = atomic_load(&part->place_count);
	struct place *place;

	for (unsigned at = 0; at < count; at++) {
		place = &part->places[at];
		if (place->kind == kind && place->hash == hash) {
			place->calls++;
			return;
		}
	}
	count = atomic_fetch_add(&part->place_count, 1);
	if (count >= PLACES_MAX) {
		board_defect("more than %d places", PLACES_MAX);
		return;
	}
	place = &part->places[count];
	*place = (struct place){ .kind = kind, .hash = hash, .calls = 1 };
	memcpy(place->frames, frames, FRAMES * sizeof *frames);
}

static int planned(uint32_t hash, void *const frames[FRAMES])
{
	const struct plan *plan = &board->plan;
	unsigned n;

	if (plan->place != 0 && hash != plan->place)
		return 0;
	n = atomic_fetch_add(&part->matched, 1) + 1;
	if (n < plan->n || (n > plan->n && !plan->stays))
		return 0;
	if (atomic_fetch_add(&part->fired, 1) == 0)
		memcpy(part->frames, frames, sizeof part->frames);
	inside.faults++;
	return plan->error;
}

static bool is_of_interest(enum kind kind)
{
	const struct plan *plan;

	/* While the board is made there is none. */
	if (inside.depth == 0 || part == NULL)
		return false;
	plan = &board->plan;
	return board->recording ||
	       (plan->armed && plan->kind == kind && part == &board->parts[plan->side]);
}

int injected(enum kind kind)
{
	void *frames[FRAMES];
	int error = errno, result = 0;
	uint32_t hash;

	if (!is_of_interest(kind))
		return 0;
	hash = inject_frames(frames);
	if (board->recording)
		record(kind, hash, frames);
	else
		result = planned(hash, frames);
	errno = error;
	return result;
}

bool fails(enum kind kind)
{
	int error = injected(kind);

	if (error == 0)
		return false;
	errno = error;
	return true;
}
