/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stand-in.h"

#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "path.h"

#define INSTEAD __attribute__((visibility("default")))
#define PATIENCE 1000
#define MOMENT 10000000L /* ns */

size_t stand_in_copied;
static bool stopped, sleeping;
static struct timespec stopped_at;

/* One instruction a byte, which `run` leaves out; no loop, as compilers make calls of memcpy out of
 * those. */
INSTEAD void *memcpy(void *restrict to, const void *restrict from, size_t length)
{
	void *at = to;

	stand_in_copied += length;
	__asm__ volatile("rep movsb" : "+D"(at), "+S"(from), "+c"(length) : : "memory");
	return to;
}

INSTEAD void *memset(void *to, int byte, size_t length)
{
	void *at = to;

	__asm__ volatile("rep stosb" : "+D"(at), "+c"(length) : "a"(byte) : "memory");
	return to;
}

INSTEAD int clock_gettime(clockid_t clock, struct timespec *time)
{
	if (!__atomic_load_n(&stopped, __ATOMIC_ACQUIRE))
		return (int)syscall(SYS_clock_gettime, clock, time);
	*time = stopped_at;
	return 0;
}

INSTEAD int nanosleep(const struct timespec *time, struct timespec *left)
{
	if (__atomic_load_n(&stopped, __ATOMIC_ACQUIRE) && gettid() != getpid()) {
		__atomic_store_n(&sleeping, true, __ATOMIC_RELEASE);
		for (;;)
			pause();
	}
	return (int)syscall(SYS_nanosleep, time, left);
}

void time_stops(void)
{
	syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &stopped_at);
	__atomic_store_n(&stopped, true, __ATOMIC_RELEASE);
}

void await_sleeper(void (*meanwhile)(void))
{
	const struct timespec moment = { .tv_nsec = MOMENT };

	for (int turn = 0; turn < PATIENCE && !__atomic_load_n(&sleeping, __ATOMIC_ACQUIRE);
	     turn++) {
		meanwhile();
		nanosleep(&moment, NULL);
	}
	must(sleeping, "no other thread went to sleep");
}
