/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "platform/local/watch.h"

#include "base/error.h"
#include "base/lock.h"
#include "platform/local/node.h"
#include "platform/path.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

_Static_assert(PAGE_BYTES % RECORD_BYTES == 0, "records must fill the pages of a FIFO");

struct watch {
	struct watch *next;
	char path[STORE_PATH_MAX];
};

static void fifo_name(char name[NAME_BYTES], unsigned domain, unsigned number)
{
	snprintf(name, NAME_BYTES, "%u-%u", domain, number);
}

/* -- telling -------------------------------------------------------------------------------- */

static void put_record(int fd, const char *path)
{
	char record[RECORD_BYTES] = { 0 };
	ssize_t written;

	memcpy(record, path, strnlen(path, sizeof record - 1));
	/* A full FIFO tells its owner enough. */
	written = write(fd, record, sizeof record);
	(void)written;
}

static void tell(struct local *local, const char *name, const char *path)
{
	const int flags = O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC;
	int fd = own_descriptor(openat(local->watches_fd, name, O_WRONLY | flags));

	if (fd >= 0) {
		/* A reader of one's own: should the owner close its end right now, the write must
		 * not raise SIGPIPE. */
		int reader = own_descriptor(openat(local->watches_fd, name, O_RDONLY | flags));

		if (reader >= 0)
			put_record(fd, path);
		close_descriptor(&reader);
		close_descriptor(&fd);
	} else if (errno == ENXIO) {
		unlinkat(local->watches_fd, name, 0); /* nobody reads: its process is dead */
	}
}

void watch_fire(struct local *local, const char *path, const struct store_permissions *before,
		const struct store_permissions *after)
{
	struct store_permissions above;
	bool above_known = false;
	DIR *directory = directory_list(local->watches_fd);
	struct dirent *entry;

	if (!directory)
		return;
	while ((entry = readdir(directory))) {
		unsigned domain = (unsigned)strtoul(entry->d_name, NULL, 10);
		bool may_know = (before && (node_access(before, domain) & ACCESS_READ)) ||
				(after && (node_access(after, domain) & ACCESS_READ));

		if (entry->d_name[0] == '.')
			continue;
		if (!may_know && !above_known) {
			node_above(local, path, &above);
			above_known = true;
		}
		if (may_know || (node_access(&above, domain) & ACCESS_READ))
			tell(local, entry->d_name, path);
	}
	directory_list_end(directory);
}

/* -- watching ------------------------------------------------------------------------------- */

static int make_fifo_locked(struct store *store)
{
	struct local *local = store->local;
	char name[NAME_BYTES];

	do {
		store->fifo_number = local_random();
		fifo_name(name, local->base.self, store->fifo_number);
	} while (mkfifoat(local->watches_fd, name, 0600) && errno == EEXIST);
	/* Open for writing too: else a FIFO without writers would be at its end, and always
	 * readable. */
	store->fifo_fd = own_descriptor(
		openat(local->watches_fd, name, O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC));
	if (store->fifo_fd < 0) {
		int result = local_fail(errno, "make a FIFO for watches on the local store");

		unlinkat(local->watches_fd, name, 0);
		return result;
	}
	return 0;
}

/* Under the lock: a writer must not find the FIFO before it has its reader. */
static int make_fifo(struct store *store)
{
	int result;

	if (store->fifo_fd >= 0)
		return 0;
	result = lock_wait(store->lock_fd, 0, LOCK_EXCLUSIVE, STORE_LOCK_LIMIT);
	if (result < 0)
		return result;
	result = make_fifo_locked(store);
	lock_drop(store->lock_fd, 0);
	return result;
}

int local_store_watch(struct store *store, const char *path)
{
	int result = path_check(path);
	struct watch *watch;

	if (result >= 0)
		result = make_fifo(store);
	if (result < 0)
		return result;
	if (store->watch_count == WATCHES_MAX)
		return fail(ENOSPC, "%u watches on one store are the limit", WATCHES_MAX);
	watch = calloc(1, sizeof *watch);
	if (!watch)
		return fail(ENOMEM, "no memory for a watch");
	memcpy(watch->path, path, strlen(path));
	watch->next = store->watches;
	store->watches = watch;
	store->watch_count++;
	put_record(store->fifo_fd, path);
	return 0;
}

int local_store_unwatch(struct store *store, const char *path)
{
	for (struct watch **slot = &store->watches; *slot; slot = &(*slot)->next) {
		struct watch *watch = *slot;

		if (strcmp(watch->path, path))
			continue;
		*slot = watch->next;
		store->watch_count--;
		free(watch);
		return 0;
	}
	return fail(ENOENT, "there is no watch on %.80s", path);
}

int local_store_fd(struct store *store)
{
	int result = make_fifo(store);

	return result < 0 ? result : store->fifo_fd;
}

static bool is_watched(const struct store *store, const char *path)
{
	for (const struct watch *watch = store->watches; watch; watch = watch->next)
		if (path_is_below(path, watch->path))
			return true;
	return false;
}

/* After an overflow: empties the FIFO, then has an event for each watch in it. */
static void start_over(struct store *store, int capacity)
{
	char record[RECORD_BYTES];

	for (int left = capacity; left > 0; left -= (int)sizeof record)
		if (read(store->fifo_fd, record, sizeof record) <= 0)
			break;
	for (const struct watch *watch = store->watches; watch; watch = watch->next)
		put_record(store->fifo_fd, watch->path);
}

int local_store_next(struct store *store, char *path, size_t size)
{
	char record[RECORD_BYTES];
	int filled = 0, capacity;

	if (store->fifo_fd < 0)
		return 0;
	capacity = fcntl(store->fifo_fd, F_GETPIPE_SZ);
	if (capacity > 0 && !ioctl(store->fifo_fd, FIONREAD, &filled) &&
	    filled > capacity - (int)RECORD_BYTES)
		start_over(store, capacity);
	/* Bounded, whatever others write meanwhile: the descriptor stays readable. */
	for (int i = 0; i < 256; i++) {
		ssize_t length = read(store->fifo_fd, record, sizeof record);

		if (length < 0 && errno != EAGAIN && errno != EINTR)
			return local_fail(errno, "read the events of the local store");
		if (length < (ssize_t)sizeof record)
			return 0;
		if (record[sizeof record - 1] || !is_watched(store, record))
			continue;
		if ((size_t)snprintf(path, size, "%s", record) >= size)
			return fail(ENAMETOOLONG, "an event's path does not fit in %zu bytes",
				    size);
		return 1;
	}
	return 0;
}

void watch_end(struct store *store, bool in_child)
{
	char name[NAME_BYTES];

	if (store->fifo_fd >= 0 && !in_child) {
		fifo_name(name, store->local->base.self, store->fifo_number);
		unlinkat(store->local->watches_fd, name, 0);
	}
	close_descriptor(&store->fifo_fd);
	while (store->watches) {
		struct watch *watch = store->watches;

		store->watches = watch->next;
		free(watch);
	}
}
