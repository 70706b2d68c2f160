/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "usage.h"

#include "fail.h"

#include <stdio.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

uint64_t now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

double now(void)
{
	return (double)now_ns() / 1e9;
}

static double seconds(struct timeval time)
{
	return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

struct usage usage_now(uint64_t bytes, const struct peer *peer, struct end *end)
{
	struct usage usage = { .time = now(), .bytes = (double)bytes };
	struct rusage used;

	if (getrusage(RUSAGE_SELF, &used))
		fail_errno("getrusage");
	usage.cpu = seconds(used.ru_utime) + seconds(used.ru_stime);
	usage.sleeps = (double)used.ru_nvcsw;
	usage.preemptions = (double)used.ru_nivcsw;
	if (peer->count)
		peer->count(end, &usage.counters);
	return usage;
}

static double sleeps_of(pid_t process)
{
	char path[64], line[256];
	double sleeps = 0;
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/status", (int)process);
	file = fopen(path, "re");
	if (!file)
		return 0;
	while (fgets(line, sizeof line, file)) {
		if (sscanf(line, "voluntary_ctxt_switches: %lf", &sleeps) == 1)
			break;
	}
	fclose(file);
	return sleeps;
}

struct usage usage_of(pid_t process)
{
	struct usage usage = { .time = now(), .sleeps = sleeps_of(process) };
	struct timespec used;
	clockid_t clock;

	if (!clock_getcpuclockid(process, &clock) && !clock_gettime(clock, &used))
		usage.cpu = (double)used.tv_sec + (double)used.tv_nsec / 1e9;
	return usage;
}

struct usage usage_since(const struct usage *from, const struct usage *to)
{
	return (struct usage){
		.time = to->time - from->time,
		.cpu = to->cpu - from->cpu,
		.sleeps = to->sleeps - from->sleeps,
		.preemptions = to->preemptions - from->preemptions,
		.bytes = to->bytes - from->bytes,
		.counters = { .known = to->counters.known,
			      .notifications =
				      to->counters.notifications - from->counters.notifications,
			      .waits = to->counters.waits - from->counters.waits },
	};
}

struct held held_now(void)
{
	FILE *file = fopen("/proc/self/smaps_rollup", "re");
	double all = -1, shared = -1;
	char line[256];

	if (!file)
		fail_errno("/proc/self/smaps_rollup");
	while (fgets(line, sizeof line, file)) {
		if (sscanf(line, "Pss: %lf", &all) != 1)
			sscanf(line, "Pss_Shmem: %lf", &shared);
	}
	fclose(file);
	if (all < 0 || shared < 0)
		fail("/proc/self/smaps_rollup names no Pss or no Pss_Shmem");
	return (struct held){ .all = all * 1024, .shared = shared * 1024 };
}
