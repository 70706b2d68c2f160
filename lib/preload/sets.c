/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "preload/sets.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "preload/sharing.h"
#include "preload/stream.h"
#include "preload/table.h"

#define SETS_MAX (1u << 20)

/* A bit a number: most descriptors that are closed are none. */
static uint64_t known[SETS_MAX / 64];

bool sets_have(int fd)
{
	return fd >= 0 && (unsigned)fd < SETS_MAX &&
	       (__atomic_load_n(&known[fd / 64], __ATOMIC_ACQUIRE) >> (fd % 64) & 1) != 0;
}

void sets_note(int epoll_fd)
{
	if (epoll_fd >= 0 && (unsigned)epoll_fd < SETS_MAX)
		__atomic_fetch_or(&known[epoll_fd / 64], (uint64_t)1 << (epoll_fd % 64),
				  __ATOMIC_ACQ_REL);
}

bool sets_hold(int epoll_fd, const struct stream *stream)
{
	bool in;

	table_lock();
	in = registrations_in(&stream->registrations, epoll_fd);
	table_unlock();
	return in;
}

static bool is_set(int fd)
{
	static const char kind[] = "anon_inode:[eventpoll]";
	char path[32], target[sizeof kind];

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return readlink(path, target, sizeof target) == sizeof kind - 1 &&
	       memcmp(target, kind, sizeof kind - 1) == 0;
}

bool sets_matter(int fd)
{
	return sharing_is_possible() && is_set(fd);
}

/* The kernel knows; what was put where before the first stream nobody has noted. Without a
 * descriptor to ask it, there may be. */
static bool contains_sets(int epoll_fd)
{
	char path[40], line[256];
	bool found;
	FILE *file;
	int fd;

	snprintf(path, sizeof path, "/proc/self/fdinfo/%d", epoll_fd);
	file = fopen(path, "re");
	found = file == NULL;
	while (!found && fgets(line, sizeof line, file) != NULL)
		/* NOLINTNEXTLINE(cert-err34-c): the kernel writes nothing that is out of range */
		found = sscanf(line, "tfd: %d", &fd) == 1 && is_set(fd);
	if (file != NULL)
		fclose(file);
	return found;
}

/* In this set, or, if there are any inside of it, in any set. `contains` is -1 until it is asked:
 * the answer takes a look at each descriptor in the set. */
static bool reaches(int epoll_fd, const struct stream *stream, int *contains)
{
	if (sets_hold(epoll_fd, stream))
		return true;
	if (__atomic_load_n(&stream->registrations.count, __ATOMIC_RELAXED) == 0)
		return false;
	if (*contains < 0)
		*contains = contains_sets(epoll_fd);
	return *contains > 0;
}

bool sets_before_wait(int fd)
{
	bool answered = true;
	int contains = -1;

	if (!sets_matter(fd))
		return true;
	for (int at = 0; at < table_end(); at++) {
		struct stream *stream = stream_use(at);

		if (stream == NULL)
			continue;
		if (stream->shared && reaches(fd, stream, &contains))
			answered = sharing_before_wait(stream) && answered;
		stream_done(stream);
	}
	return answered;
}

void sets_nested(int fd)
{
	if (!is_set(fd))
		return;
	registrations_all_edges();
	table_lock();
	for (int at = 0; at < table_end(); at++) {
		struct stream *stream = table_get(at);

		if (stream != NULL && stream->registrations.count > 0)
			registrations_want_edges(&stream->registrations);
	}
	table_unlock();
}

static void each_in(int epoll_fd, bool forget)
{
	table_lock();
	for (int fd = 0; fd < table_end(); fd++) {
		struct stream *stream = table_get(fd);

		if (stream != NULL && forget)
			registrations_forget_set(&stream->registrations, epoll_fd);
		else if (stream != NULL && registrations_in(&stream->registrations, epoll_fd))
			stream->registrations.lost = true;
	}
	table_unlock();
}

void sets_forget(int fd)
{
	if (!sets_have(fd))
		return;
	__atomic_fetch_and(&known[fd / 64], ~((uint64_t)1 << (fd % 64)), __ATOMIC_ACQ_REL);
	each_in(fd, true);
}

void sets_duplicated(int fd)
{
	if (sets_have(fd))
		each_in(fd, false);
}
