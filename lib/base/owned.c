/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/owned.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <unistd.h>

/* Linux lets a process have so many at most, unless root raises fs.nr_open. Pages of this that are
 * never touched cost nothing. */
#define KNOWN (1 << 20)

static atomic_uint_least64_t owned[KNOWN / 64];
static atomic_int floor_number;

static bool is_known(int fd)
{
	return fd >= 0 && fd < KNOWN;
}

static uint64_t bit(int fd)
{
	return UINT64_C(1) << (fd % 64);
}

void own_in_place(int fd)
{
	if (is_known(fd))
		atomic_fetch_or(&owned[fd / 64], bit(fd));
}

void disown_descriptor(int fd)
{
	if (is_known(fd))
		atomic_fetch_and(&owned[fd / 64], ~bit(fd));
}

bool is_own_descriptor(int fd)
{
	return is_known(fd) && (atomic_load(&owned[fd / 64]) & bit(fd)) != 0;
}

int own_descriptor(int fd)
{
	int lowest = atomic_load_explicit(&floor_number, memory_order_relaxed);
	int moved = -1;

	if (fd < 0)
		return fd;
	if (fd < lowest)
		moved = fcntl(fd, F_DUPFD_CLOEXEC, lowest);
	own_in_place(moved < 0 ? fd : moved);
	if (moved < 0)
		return fd;
	close(fd);
	return moved;
}

void close_descriptor(int *fd)
{
	int number = *fd;

	*fd = -1;
	if (number < 0)
		return;
	disown_descriptor(number);
	close(number);
}

void set_descriptor_floor(int lowest)
{
	atomic_store_explicit(&floor_number, lowest, memory_order_relaxed);
}
