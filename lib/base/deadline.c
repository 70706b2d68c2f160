/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/deadline.h"

#include <limits.h>

#define NS_PER_MS 1000000
#define NS_PER_S 1000000000

int64_t deadline_now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * NS_PER_S + time.tv_nsec;
}

int64_t deadline_cpu_now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return (int64_t)time.tv_sec * NS_PER_S + time.tv_nsec;
}

struct deadline deadline_in(int timeout)
{
	if (timeout < 0)
		return (struct deadline){ .never = true };
	return (struct deadline){ .at = deadline_now() + (int64_t)timeout * NS_PER_MS };
}

bool deadline_passed(struct deadline deadline)
{
	return !deadline.never && deadline_now() >= deadline.at;
}

bool deadline_lasts(struct deadline *deadline, int limit)
{
	if (limit <= 0 || deadline->never)
		return true;
	if (deadline->at != 0)
		return !deadline_passed(*deadline);
	*deadline = deadline_in(limit);
	return true;
}

int deadline_left(struct deadline deadline)
{
	int64_t left;

	if (deadline.never)
		return -1;
	left = deadline.at - deadline_now();
	if (left <= 0)
		return 0;
	left = (left + NS_PER_MS - 1) / NS_PER_MS;
	return left > INT_MAX ? INT_MAX : (int)left;
}

struct deadline deadline_earlier(struct deadline one, struct deadline other)
{
	if (one.never)
		return other;
	if (other.never)
		return one;
	return one.at < other.at ? one : other;
}

struct timespec deadline_timespec(struct deadline deadline)
{
	return (struct timespec){ .tv_sec = deadline.at / NS_PER_S,
				  .tv_nsec = deadline.at % NS_PER_S };
}
