/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Interposed: descriptors duplicated, closed and marked. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "preload/numbers.h"
#include "preload/preload.h"
#include "preload/public.h"
#include "preload/report.h"
#include "preload/sets.h"
#include "preload/streams.h"
#include "preload/table.h"

/* ------------------------------------------------------------------ close */

/* Events of a socket that another process keeps go on: what is registered follows it while it has
 * its number. */
static bool finish_early(struct stream *stream, int fd)
{
	bool last;

	table_lock();
	last = stream->count == 1 && stream->numbers[0] == fd;
	table_unlock();
	if (!last || !record_shared(stream->record, getpid()))
		return false;
	stream_finish(stream, fd);
	return true;
}

/* Another thread's call finds EBADF there, not the bell, or a socket whose bytes are not all there.
 */
static void end_number(struct stream *stream, int fd)
{
	if (stream->had_ring)
		number_void(fd);
	table_lock();
	table_clear(fd);
	table_unlock();
}

/* The number is about to mean something else, or nothing. False: another thread is closing it. */
static bool let_go(int fd)
{
	struct stream *stream = stream_use(fd), *removed;
	bool finished, last, mine;

	/* libxsock closes its own with locks held: none is taken for what is nobody's. */
	if (stream == NULL) {
		if (sets_have(fd))
			streams_before_set_closes(fd);
		sets_forget(fd);
		return true;
	}
	finished = finish_early(stream, fd);
	/* A call that moves bytes must not find in its middle that TCP does not come back to the
	 * number. */
	stream_lock(stream);
	table_lock();
	removed = table_retire(fd, &last);
	mine = removed != NULL || !stream->closed;
	table_unlock();
	stream_unlock(stream);
	if (removed != NULL && last) {
		if (!finished)
			stream_finish(removed, fd);
		end_number(removed, fd);
		stream_done(removed);
	}
	stream_done(stream);
	return mine;
}

PUBLIC int close(int fd)
{
	int error = errno;

	started();
	if (number_is_ours(fd) || !let_go(fd)) {
		errno = EBADF;
		return -1;
	}
	errno = error;
	return real.close(fd);
}

static unsigned limit_of_numbers(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > INT_MAX)
		return INT_MAX;
	return (unsigned)limit.rlim_cur;
}

/* From linux/fs/readdir.c; no header has it. */
struct entry {
	uint64_t number, next;
	uint16_t size;
	uint8_t type;
	char name[];
};

static unsigned highest_of(const char *entries, long size, unsigned highest)
{
	for (long at = 0; at < size;) {
		const struct entry *entry = (const struct entry *)(const void *)(entries + at);
		unsigned fd = (unsigned)strtoul(entry->name, NULL, 10);

		if (fd > highest)
			highest = fd;
		at += entry->size;
	}
	return highest;
}

/* One past what is open: limits may be a million, or lower than that. Without opendir, which
 * allocates: who closes all may be a child between fork and exec. */
static unsigned end_of_numbers(void)
{
	uint64_t entries[512];
	int directory = real.open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	unsigned highest = 0;
	long size = -1;

	while (directory >= 0 &&
	       (size = real.syscall(SYS_getdents64, directory, entries, sizeof entries)) > 0)
		highest = highest_of((const char *)entries, size, highest);
	if (directory >= 0)
		real.close(directory);
	return size == 0 ? highest + 1 : limit_of_numbers();
}

PUBLIC int close_range(unsigned first, unsigned last, int flags)
{
	unsigned end, begin = first;

	started();
	if (first > last || !streams_exist())
		return real.close_range(first, last, flags);
	end = end_of_numbers();
	/* In pieces, around what is the library's own. */
	for (unsigned fd = first; fd <= last && fd < end; fd++) {
		bool ours = number_is_ours((int)fd);

		if (!ours && (flags & CLOSE_RANGE_CLOEXEC) == 0)
			let_go((int)fd);
		if (!ours)
			continue;
		if (fd > begin && real.close_range(begin, fd - 1, flags) != 0)
			return -1;
		begin = fd + 1;
	}
	return begin <= last ? real.close_range(begin, last, flags) : 0;
}

PUBLIC void closefrom(int lowest)
{
	close_range(lowest > 0 ? (unsigned)lowest : 0, UINT_MAX, 0);
}

/* ------------------------------------------------------------------ duplicates */

enum way_to_duplicate { BY_DUP, BY_DUP2, BY_DUP3, BY_FCNTL, BY_FCNTL_CLOEXEC };

static int real_duplicate(int fd, enum way_to_duplicate way, int number, int flags)
{
	switch (way) {
	case BY_DUP:
		return real.dup(fd);
	case BY_DUP2:
		return real.dup2(fd, number);
	case BY_DUP3:
		return real.dup3(fd, number, flags);
	case BY_FCNTL:
		return real.fcntl(fd, F_DUPFD, number);
	case BY_FCNTL_CLOEXEC:
		break;
	}
	return real.fcntl(fd, F_DUPFD_CLOEXEC, number);
}

static int duplicate(int fd, enum way_to_duplicate way, int number, int flags)
{
	struct stream *stream = stream_use(fd);
	int result, error, replaced = -1;
	bool put = true;

	if (stream == NULL) {
		result = real_duplicate(fd, way, number, flags);
		if (result >= 0 && result != fd)
			sets_duplicated(fd);
		return result;
	}
	/* Its last close may take time (SO_LINGER): not with the lock. */
	if (way == BY_DUP2 || way == BY_DUP3)
		replaced = number_duplicate(number);
	/* Else the helper could exchange what stands at the number before it knows of the new one.
	 */
	table_lock();
	errno = EBADF;
	result = stream->closed ? -1 : real_duplicate(fd, way, number, flags);
	error = errno;
	if (result >= 0 && result != fd)
		put = table_put(result, stream);
	table_unlock();
	if (replaced >= 0)
		number_close(replaced);
	if (put && result >= 0 && result <= STDERR_FILENO)
		stream_go_back(stream, STDIO_MAY_USE_IT);
	stream_done(stream);
	if (!put) {
		int marks = real.fcntl(result, F_GETFD);

		/* What stands at the others is back; this one was not among them. */
		stream_pin(fd, "too many duplicates");
		real.dup3(fd, result, (marks & FD_CLOEXEC) != 0 ? O_CLOEXEC : 0);
	}
	errno = error;
	return result;
}

PUBLIC int dup(int fd)
{
	started();
	return duplicate(fd, BY_DUP, -1, 0);
}

/* Nothing must happen to a number when the call fails. */
static bool may_replace(int fd, int number)
{
	if (fd == number || real.fcntl(fd, F_GETFD) < 0 || number < 0)
		return true; /* the call itself finds out */
	if (number_is_ours(number) || !let_go(number)) {
		errno = EBUSY;
		return false;
	}
	return true;
}

PUBLIC int dup2(int fd, int number)
{
	started();
	if (!may_replace(fd, number))
		return -1;
	return duplicate(fd, BY_DUP2, number, 0);
}

PUBLIC int dup3(int fd, int number, int flags)
{
	started();
	if (!may_replace(fd, number))
		return -1;
	return duplicate(fd, BY_DUP3, number, flags);
}

/* ------------------------------------------------------------------ fcntl */

static int set_flags(int fd, void *argument)
{
	struct stream *stream;
	int result, tcp;

	if (((long)argument & O_ASYNC) != 0)
		stream_pin(fd, "signals instead of waiting (O_ASYNC)");
	stream = stream_use(fd);
	if (stream == NULL)
		return real.fcntl(fd, F_SETFL, argument);
	table_lock();
	tcp = stream_tcp(stream, fd);
	result = real.fcntl(fd, F_SETFL, argument);
	if (result == 0 && tcp != fd)
		real.fcntl(tcp, F_SETFL, argument);
	table_unlock();
	stream_done(stream);
	return result;
}

/* Not while the number's file is exchanged. */
static int set_close_on_exec(int fd, void *argument)
{
	struct stream *stream = stream_use(fd);
	int result;

	if (stream == NULL)
		return real.fcntl(fd, F_SETFD, argument);
	table_lock();
	result = real.fcntl(fd, F_SETFD, argument);
	table_unlock();
	stream_done(stream);
	return result;
}

/* Another process may have changed them for all, where the socket itself stands. */
static int get_flags(int fd)
{
	struct stream *stream = stream_use(fd);
	int flags;

	if (stream == NULL)
		return real.fcntl(fd, F_GETFL);
	flags = real.fcntl(stream_tcp(stream, fd), F_GETFL);
	stream_done(stream);
	return flags;
}

static int any_fcntl(int fd, int command, void *argument)
{
	started();
	switch (command) {
	case F_DUPFD:
		return duplicate(fd, BY_FCNTL, (int)(intptr_t)argument, 0);
	case F_DUPFD_CLOEXEC:
		return duplicate(fd, BY_FCNTL_CLOEXEC, (int)(intptr_t)argument, 0);
	case F_SETFD:
		return set_close_on_exec(fd, argument);
	case F_GETFL:
		return get_flags(fd);
	case F_SETFL:
		return set_flags(fd, argument);
	default:
		return real.fcntl(fd, command, argument);
	}
}

PUBLIC int fcntl(int fd, int command, ...)
{
	va_list arguments;
	void *argument;

	va_start(arguments, command);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	return any_fcntl(fd, command, argument);
}

PUBLIC int fcntl64(int fd, int command, ...)
{
	va_list arguments;
	void *argument;

	va_start(arguments, command);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	return any_fcntl(fd, command, argument);
}
