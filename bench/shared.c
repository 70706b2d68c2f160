/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "shared.h"

#include "fail.h"

#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>

struct shared *shared_create(void)
{
	void *memory = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		fail_errno("shared memory");
	return memory;
}

static void tell(const struct shared *shared, enum news news, uint64_t value)
{
	if (shared->tell)
		shared->tell(news, value);
}

void set_phase(struct shared *shared, enum phase phase)
{
	atomic_store(&shared->phase, phase);
	tell(shared, NEWS_PHASE, phase);
}

void set_total(struct shared *shared, uint64_t bytes)
{
	atomic_store(&shared->total, bytes);
	tell(shared, NEWS_TOTAL, bytes);
}

/* The count that says both are there: the next even number. */
static unsigned arrive(struct shared *shared)
{
	unsigned before = atomic_fetch_add(&shared->arrivals, 1);

	tell(shared, NEWS_ARRIVAL, 0);
	return before / 2 * 2 + 2;
}

void meet(struct shared *shared)
{
	unsigned both;

	if (shared->tell) {
		meet_slowly(shared);
		return;
	}
	both = arrive(shared);
	while ((int)(atomic_load(&shared->arrivals) - both) < 0)
		sched_yield();
}

void meet_slowly(struct shared *shared)
{
	unsigned both = arrive(shared);

	while ((int)(atomic_load(&shared->arrivals) - both) < 0)
		usleep(1000);
}
