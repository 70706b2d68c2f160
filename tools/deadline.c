/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "deadline.h"

#include <time.h>

static long long milliseconds_now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

long long time_limit_in(int timeout)
{
	return timeout < 0 ? -1 : milliseconds_now() + timeout;
}

int time_left(long long deadline)
{
	long long left = deadline - milliseconds_now();

	if (deadline < 0)
		return -1;
	return left > 0 ? (int)left : 0;
}
