/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/lock.h"

#include "base/deadline.h"
#include "base/error.h"

#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <time.h>

#define TRIES_AT_ONCE 30 /* some 20 us */
#define DROP_TRIES 1000  /* some 1 s */

/* Linux says ENOLCK when it has no memory for the lock. */
static int lock_error(void)
{
	return errno == ENOLCK ? -ENOMEM : -errno;
}

static int set(int fd, off_t byte, short type)
{
	struct flock request = {
		.l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1
	};
	int result;

	do {
		result = fcntl(fd, F_OFD_SETLK, &request);
	} while (result < 0 && errno == EINTR);
	return result < 0 ? lock_error() : 0;
}

/* A try that was in vain says nothing: it may be one of many, while another sentence stands. */
static int try_once(int fd, off_t byte, enum lock_mode mode)
{
	int result = set(fd, byte, mode == LOCK_EXCLUSIVE ? F_WRLCK : F_RDLCK);

	if (result == -EAGAIN || result == -EACCES)
		return -EAGAIN;
	if (result < 0)
		return fail(-result, "cannot lock byte %lld of the lock file: %s", (long long)byte,
			    strerror(-result));
	return 0;
}

int lock_try(int fd, off_t byte, enum lock_mode mode)
{
	int result = try_once(fd, byte, mode);

	if (result == -EAGAIN)
		return fail(EAGAIN, "byte %lld of the lock file is locked by another process",
			    (long long)byte);
	return result;
}

int lock_wait(int fd, off_t byte, enum lock_mode mode, int limit)
{
	struct deadline deadline;
	struct timespec nap = { .tv_nsec = 5000 };
	int result;

	/* OFD locks have no wait with a time limit. Most sections are over before a nap, which
	 * takes ten times as long, could end. */
	for (int tries = 0; tries < TRIES_AT_ONCE; tries++) {
		result = try_once(fd, byte, mode);
		if (result != -EAGAIN)
			return result;
		sched_yield();
	}
	deadline = deadline_in(limit);
	while ((result = try_once(fd, byte, mode)) == -EAGAIN) {
		if (deadline_passed(deadline))
			return fail(ETIMEDOUT,
				    "another process held byte %lld of the lock file for %d ms; "
				    "it may be stopped",
				    (long long)byte, limit);
		nanosleep(&nap, NULL);
		/* It doubles up to 80 us: who naps for long finds the lock taken again, for ever,
		 * by one who comes back to it at once. */
		nap.tv_nsec = nap.tv_nsec < 80000 ? nap.tv_nsec * 2 : 80000;
	}
	return result;
}

/* That takes memory, too; nobody else gets a lock that stays. */
void lock_drop(int fd, off_t byte)
{
	const struct timespec nap = { .tv_nsec = 1000000 };

	for (int tries = 0; set(fd, byte, F_UNLCK) == -ENOMEM && tries < DROP_TRIES; tries++)
		nanosleep(&nap, NULL);
}

int lock_held(int fd, off_t byte, off_t length)
{
	struct flock request = {
		.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = length
	};

	if (fcntl(fd, F_OFD_GETLK, &request) < 0) {
		int error = -lock_error();

		return fail(error, "cannot ask for locks on byte %lld of the lock file: %s",
			    (long long)byte, strerror(error));
	}
	return request.l_type != F_UNLCK;
}
