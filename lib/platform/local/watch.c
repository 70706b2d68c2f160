/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "platform/local/watch.h"

#include "base/error.h"
#include "platform/local/node.h"
#include "platform/local/records.h"
#include "platform/path.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

_Static_assert(PAGE_BYTES % EVENT_BYTES == 0, "events must fill the pages of a pipe");

struct watch {
	struct watch *next;
	char path[STORE_PATH_MAX];
};

struct watch_record {
	uint32_t domain;
	int32_t process, pipe_fd; /* its writing end there */
	uint64_t inode;           /* of the pipe: the number may be another process's by now */
	char path[STORE_PATH_MAX];
};

static int read_record(const struct local *local, int at, struct watch_record *record)
{
	int result = records_read(local->records, RECORDS_WATCHES, at, record, sizeof *record);

	record->path[sizeof record->path - 1] = '\0';
	return result;
}

/* -- telling -------------------------------------------------------------------------------- */

static void put_event(int fd, const char *path)
{
	char event[EVENT_BYTES] = { 0 };
	ssize_t written;

	memcpy(event, path, strnlen(path, sizeof event - 1));
	/* A full pipe tells its owner enough. */
	written = write(fd, event, sizeof event);
	(void)written;
}

/* 0, -ENOENT for something else, or why that cannot be told. */
static int check_pipe(int fd, const struct watch_record *record)
{
	struct stat status;

	if (fstat(fd, &status))
		return -errno;
	return S_ISFIFO(status.st_mode) && status.st_ino == record->inode ? 0 : -ENOENT;
}

/* The watcher's pipe, or -errno: -ENOENT if there is none of it. For reading too: should the owner
 * close it right now, a write must not raise SIGPIPE. */
static int open_pipe(const struct watch_record *record)
{
	char path[64];
	int fd, error;

	snprintf(path, sizeof path, "/proc/%d/fd/%d", record->process, record->pipe_fd);
	fd = own_descriptor(open(path, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
	if (fd < 0)
		return -errno;
	error = check_pipe(fd, record);
	if (error == 0)
		return fd;
	close_descriptor(&fd);
	return error;
}

static bool is_shortage(int error)
{
	return error == -EMFILE || error == -ENFILE || error == -ENOMEM;
}

/* One's own are closed under the lock only, so they need not be opened again. */
static bool is_own(const struct watch_record *record)
{
	return record->process == (int)getpid() && is_own_descriptor(record->pipe_fd) &&
	       check_pipe(record->pipe_fd, record) == 0;
}

static int tell(struct local *local, int at, const struct watch_record *record, const char *path)
{
	int fd;

	if (is_own(record)) {
		put_event(record->pipe_fd, path);
		return 0;
	}
	fd = open_pipe(record);
	if (fd >= 0) {
		put_event(fd, path);
		close_descriptor(&fd);
		return 0;
	}
	if (is_shortage(fd))
		return local_fail(-fd, "tell a watcher of a change in the local store");
	records_remove(local->records, RECORDS_WATCHES, at); /* its process is dead */
	return 0;
}

struct change {
	const char *path;
	const struct store_permissions *before, *after;
	struct store_permissions above;
	bool above_known;
};

/* 1, 0 or -errno. */
static int may_know(struct local *local, struct change *change, unsigned domain)
{
	if ((change->before && (node_access(change->before, domain) & ACCESS_READ)) ||
	    (change->after && (node_access(change->after, domain) & ACCESS_READ)))
		return true;
	if (!change->above_known) {
		int result = node_above(local, change->path, &change->above);

		if (result < 0)
			return result;
		change->above_known = true;
	}
	return (node_access(&change->above, domain) & ACCESS_READ) != 0;
}

/* The first error, with all told that can be. */
static int tell_watchers_of(struct local *local, const char *watched, struct change *change)
{
	uint64_t key = records_key(watched);
	struct watch_record record;
	int at = -1, result = 0;

	while ((at = records_find(local->records, RECORDS_WATCHES, key, at + 1)) >= 0) {
		int error = read_record(local, at, &record);

		if (error == 0 && !strcmp(record.path, watched))
			error = may_know(local, change, record.domain);
		if (error > 0)
			error = tell(local, at, &record, change->path);
		if (result == 0)
			result = error;
	}
	return result;
}

int watch_fire(struct local *local, const char *path, const struct store_permissions *before,
	       const struct store_permissions *after)
{
	struct change change = { .path = path, .before = before, .after = after };
	char watched[STORE_PATH_MAX];
	char *slash;
	int result;

	snprintf(watched, sizeof watched, "%s", path);
	result = tell_watchers_of(local, watched, &change);
	while ((slash = strrchr(watched, '/')) && slash[1]) {
		int error;

		/* The path above; of the first name it is the root's. */
		slash[slash == watched] = '\0';
		error = tell_watchers_of(local, watched, &change);
		if (result == 0)
			result = error;
	}
	return result;
}

static bool is_dead(const struct watch_record *record)
{
	int fd;

	if (is_own(record))
		return false;
	fd = open_pipe(record);
	if (fd < 0)
		return !is_shortage(fd);
	close_descriptor(&fd);
	return false;
}

int watch_sweep(struct local *local, bool remove, unsigned *dead)
{
	struct watch_record record;
	int at = -1, error = records_lock(local->records, LOCK_EXCLUSIVE);

	if (error < 0)
		return error;
	while ((at = records_find(local->records, RECORDS_WATCHES, 0, at + 1)) >= 0) {
		if (read_record(local, at, &record) < 0 || record.domain != local->base.self ||
		    !is_dead(&record))
			continue;
		++*dead;
		if (remove)
			records_remove(local->records, RECORDS_WATCHES, at);
	}
	records_unlock(local->records);
	return 0;
}

/* -- watching ------------------------------------------------------------------------------- */

static int make_pipe(struct store *store)
{
	struct stat status;
	int fds[2];

	if (store->pipe_fds[0] >= 0)
		return 0;
	/* Both ends stay: else a pipe without writers would be at its end, and always readable. */
	if (pipe2(fds, O_NONBLOCK | O_CLOEXEC))
		return local_fail(errno, "make a pipe for watches on the local store");
	store->pipe_fds[0] = own_descriptor(fds[0]);
	store->pipe_fds[1] = own_descriptor(fds[1]);
	store->pipe_bytes = fcntl(store->pipe_fds[0], F_GETPIPE_SZ);
	if (fstat(store->pipe_fds[0], &status) == 0 && store->pipe_bytes > 0) {
		store->pipe_inode = status.st_ino;
		return 0;
	}
	close_descriptor(&store->pipe_fds[0]);
	close_descriptor(&store->pipe_fds[1]);
	return local_fail(errno, "look at a pipe for watches on the local store");
}

static struct watch_record record_of(const struct store *store, const char *path)
{
	struct watch_record record = { .domain = store->local->base.self,
				       .process = (int)getpid(),
				       .pipe_fd = store->pipe_fds[1],
				       .inode = store->pipe_inode };

	snprintf(record.path, sizeof record.path, "%s", path);
	return record;
}

static int add_record(struct store *store, const char *path)
{
	struct watch_record record = record_of(store, path);
	struct records *records = store->local->records;
	int result = local_mark(store->local);

	if (result == 0)
		result = records_lock(records, LOCK_EXCLUSIVE);
	if (result < 0)
		return result;
	result = records_add(records, RECORDS_WATCHES, records_key(path), &record, sizeof record);
	records_unlock(records);
	return result;
}

static void remove_record_locked(struct store *store, const char *path)
{
	struct watch_record own = record_of(store, path), record;
	struct records *records = store->local->records;
	uint64_t key = records_key(path);
	int at = -1;

	while ((at = records_find(records, RECORDS_WATCHES, key, at + 1)) >= 0) {
		if (read_record(store->local, at, &record) < 0 || record.inode != own.inode ||
		    record.process != own.process || strcmp(record.path, path))
			continue;
		records_remove(records, RECORDS_WATCHES, at);
		return;
	}
}

int local_store_watch(struct store *store, const char *path)
{
	int result = path_check(path);
	struct watch *watch;

	if (result >= 0)
		result = make_pipe(store);
	if (result < 0)
		return result;
	if (store->watch_count == WATCHES_MAX)
		return fail(ENOSPC, "%u watches on one store are the limit", WATCHES_MAX);
	watch = calloc(1, sizeof *watch);
	if (!watch)
		return fail(ENOMEM, "no memory for a watch");
	memcpy(watch->path, path, strlen(path));
	result = add_record(store, path);
	if (result < 0) {
		free(watch);
		return result;
	}
	watch->next = store->watches;
	store->watches = watch;
	store->watch_count++;
	put_event(store->pipe_fds[1], path);
	return 0;
}

int local_store_unwatch(struct store *store, const char *path)
{
	for (struct watch **slot = &store->watches; *slot; slot = &(*slot)->next) {
		struct watch *watch = *slot;

		if (strcmp(watch->path, path))
			continue;
		/* One that stays is swept some day; its events go unheard. */
		if (records_lock(store->local->records, LOCK_EXCLUSIVE) == 0) {
			remove_record_locked(store, path);
			records_unlock(store->local->records);
		}
		*slot = watch->next;
		store->watch_count--;
		free(watch);
		return 0;
	}
	return fail(ENOENT, "there is no watch on %.80s", path);
}

int local_store_fd(struct store *store)
{
	int result = make_pipe(store);

	return result < 0 ? result : store->pipe_fds[0];
}

static bool is_watched(const struct store *store, const char *path)
{
	for (const struct watch *watch = store->watches; watch; watch = watch->next)
		if (path_is_below(path, watch->path))
			return true;
	return false;
}

/* After an overflow: empties the pipe, then has an event for each watch in it. */
static void start_over(struct store *store)
{
	char event[EVENT_BYTES];

	for (int left = store->pipe_bytes; left > 0; left -= (int)sizeof event)
		if (read(store->pipe_fds[0], event, sizeof event) <= 0)
			break;
	for (const struct watch *watch = store->watches; watch; watch = watch->next)
		put_event(store->pipe_fds[1], watch->path);
}

int local_store_next(struct store *store, char *path, size_t size)
{
	char event[EVENT_BYTES];
	int filled = 0;

	if (store->pipe_fds[0] < 0 || ioctl(store->pipe_fds[0], FIONREAD, &filled) || filled == 0)
		return 0;
	if (filled > store->pipe_bytes - (int)EVENT_BYTES)
		start_over(store);
	/* Bounded, whatever others write meanwhile: the descriptor stays readable. */
	for (int i = 0; i < 256; i++) {
		ssize_t length = read(store->pipe_fds[0], event, sizeof event);

		if (length < 0 && errno != EAGAIN && errno != EINTR)
			return local_fail(errno, "read the events of the local store");
		if (length < (ssize_t)sizeof event)
			return 0;
		if (event[sizeof event - 1] || !is_watched(store, event))
			continue;
		if ((size_t)snprintf(path, size, "%s", event) >= size)
			return fail(ENAMETOOLONG, "an event's path does not fit in %zu bytes",
				    size);
		return 1;
	}
	return 0;
}

/* The records go before the descriptors do: nobody finds another pipe of those numbers by them. */
static void remove_records(struct store *store)
{
	if (store->watches && records_lock(store->local->records, LOCK_EXCLUSIVE) == 0) {
		for (const struct watch *watch = store->watches; watch; watch = watch->next)
			remove_record_locked(store, watch->path);
		records_unlock(store->local->records);
	}
}

void watch_end(struct store *store, bool in_child)
{
	if (!in_child)
		remove_records(store);
	close_descriptor(&store->pipe_fds[0]);
	close_descriptor(&store->pipe_fds[1]);
	while (store->watches) {
		struct watch *watch = store->watches;

		store->watches = watch->next;
		free(watch);
	}
}
