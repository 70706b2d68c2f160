/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the library gets for the system calls by which time comes in, and chance: it is compiled
 * with these names for them. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "input.h"
#include "lies.h"
#include "world.h"

#define NS_PER_S 1000000000
#define NS_PER_MS 1000000

int fuzz_clock_gettime(clockid_t clock, struct timespec *now);
int fuzz_poll(struct pollfd *entries, nfds_t count, int timeout);
ssize_t fuzz_getrandom(void *buffer, size_t length, unsigned flags);

int fuzz_clock_gettime(clockid_t clock, struct timespec *now)
{
	int64_t time;

	(void)clock;
	/* A loop that ends by the clock ends. */
	world_pass_time(CLOCK_STEP);
	world_work(1);
	time = world_time();
	*now = (struct timespec){ .tv_sec = time / NS_PER_S, .tv_nsec = time % NS_PER_S };
	return 0;
}

static int interrupted(void)
{
	errno = EINTR;
	return -1;
}

/* Nothing has happened: by whatever the peer does it ends sooner, or a signal ends it. */
static int sleep_for(struct pollfd *entries, nfds_t count, int timeout)
{
	uint8_t code = lies_now() ? input_byte() : 0;

	if (code % 4 == 1)
		return interrupted();
	if (code % 4 > 1) {
		world_pass_time((int64_t)code * CLOCK_STEP);
		entries[code / 4 % count].revents = POLLIN;
		return 1;
	}
	if (timeout < 0)
		return interrupted();
	world_pass_time((int64_t)timeout * NS_PER_MS);
	return 0;
}

int fuzz_poll(struct pollfd *entries, nfds_t count, int timeout)
{
	int ready = poll(entries, count, 0);

	world_work(1);
	if (ready != 0 || timeout == 0)
		return ready;
	return sleep_for(entries, count, timeout);
}

/* The same each time; the second one differs from the first. */
ssize_t fuzz_getrandom(void *buffer, size_t length, unsigned flags)
{
	static uint8_t next;

	(void)flags;
	memset(buffer, ++next | 1, length);
	return (ssize_t)length;
}
