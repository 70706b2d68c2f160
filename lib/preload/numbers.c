/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "preload/numbers.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/resource.h>
#include <xsock/xsock.h>

#include "preload/library.h"
#include "preload/real.h"

#define NUMBERS_MAX (1u << 20)
#define FLOOR_MAX 512

/* A bit a descriptor. */
static uint64_t ours[NUMBERS_MAX / 64];

int number_floor(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= 2 * (rlim_t)FLOOR_MAX)
		return FLOOR_MAX;
	return (int)limit.rlim_cur / 2;
}

static void mark(int fd, bool is_ours)
{
	uint64_t bit = (uint64_t)1 << (fd % 64);

	if (fd < 0 || (unsigned)fd >= NUMBERS_MAX)
		return;
	if (is_ours)
		__atomic_fetch_or(&ours[fd / 64], bit, __ATOMIC_ACQ_REL);
	else
		__atomic_fetch_and(&ours[fd / 64], ~bit, __ATOMIC_ACQ_REL);
}

int number_duplicate(int fd)
{
	int high = real.fcntl(fd, F_DUPFD_CLOEXEC, number_floor());

	mark(high, true);
	return high;
}

int number_raise(int fd)
{
	int high = fd < 0 ? -1 : number_duplicate(fd);

	if (high < 0) {
		mark(fd, true);
		return fd;
	}
	real.close(fd);
	return high;
}

void number_close(int fd)
{
	mark(fd, false);
	real.close(fd);
}

void number_replace(int fd, int number, int flags)
{
	while (real.dup3(fd, number, flags) < 0 && (errno == EBUSY || errno == EINTR))
		;
}

void number_void(int fd)
{
	static int nothing = -1;
	int made, none = -1;

	if (__atomic_load_n(&nothing, __ATOMIC_ACQUIRE) < 0) {
		made = number_raise(real.open("/", O_PATH | O_CLOEXEC));
		if (made >= 0 && !__atomic_compare_exchange_n(&nothing, &none, made, false,
							      __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
			number_close(made);
	}
	made = __atomic_load_n(&nothing, __ATOMIC_ACQUIRE);
	if (made >= 0)
		number_replace(made, fd, O_CLOEXEC);
}

bool number_is_ours(int fd)
{
	if (fd < 0)
		return false;
	if ((unsigned)fd < NUMBERS_MAX &&
	    (__atomic_load_n(&ours[fd / 64], __ATOMIC_ACQUIRE) >> (fd % 64) & 1) != 0)
		return true;
	return library_is_loaded() && xsock_owns_descriptor(fd) != 0;
}
