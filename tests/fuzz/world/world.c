/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "world.h"

#include <stdio.h>

#include "base/spin.h"
#include "input.h"
#include "lies.h"
#include "memory.h"
#include "platform.h"

/* What a call that does not wait may do, and one that does for each ms of its limit: some asking
 * before a sleep is among it. */
#define WORK_MOST 100000
#define WORK_A_MS 2000
#define LOOKS_A_BYTE 40
/* A wait may end so much later than its limit. */
#define LATE_MOST 20000000 /* ns */

#define NS_PER_MS 1000000
#define BETWEEN_RUNS 60000000000 /* ns: whatever was kept for a time is too old by then */

static int64_t time_now = BETWEEN_RUNS;
static uint64_t work;
static int64_t call_ends;
static uint64_t work_ends;
static int free_descriptor;

void world_failed(const char *condition, const char *file, int line)
{
	fprintf(stderr, "%s:%d: not so: %s\n", file, line, condition);
	abort();
}

/* The lowest that is free: the same at a run's end, or one was left open. */
static int next_descriptor(void)
{
	int fd = dup(STDERR_FILENO);

	EXPECT(fd >= 0);
	close(fd);
	return fd;
}

void world_begin(const uint8_t *data, size_t size)
{
	time_now += BETWEEN_RUNS;
	/* It is kept from run to run: here it has reached its end. */
	for (int at = 0; at < 200; at++)
		spin_note_wake_up(CLOCK_STEP);
	input_begin(data, size);
	memory_begin();
	fake_begin();
	lies_begin();
	free_descriptor = next_descriptor();
	world_call(0);
}

void world_end(void)
{
	memory_end();
	fake_end();
	EXPECT(next_descriptor() == free_descriptor);
}

void world_call(int limit)
{
	call_ends = time_now + (int64_t)limit * NS_PER_MS + LATE_MOST;
	work_ends = work + WORK_MOST + (uint64_t)limit * WORK_A_MS;
}

void world_called(void)
{
	EXPECT(time_now <= call_ends);
}

void world_work(uint64_t amount)
{
	work += amount;
	EXPECT(work <= work_ends);
}

void world_pass_time(int64_t time)
{
	time_now += time;
}

void world_allow(uint64_t bytes)
{
	work_ends += bytes * LOOKS_A_BYTE;
	call_ends += (int64_t)bytes * LOOKS_A_BYTE * CLOCK_STEP;
}

void world_pause(int64_t time)
{
	time_now += time;
	call_ends += time;
}

int64_t world_time(void)
{
	return time_now;
}
