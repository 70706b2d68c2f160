/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "platform/local/records.h"

#include "base/error.h"
#include "platform/local/local.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC 0x326573746f727378u /* the bytes "xsrotse2" */
#define USED_STEP 64u
#define LOCK_LIMIT 5000 /* ms; a change takes microseconds */

struct head {
	uint64_t magic;
	uint32_t used[RECORDS_TABLES];
};

/* The nodes' first keys come with the head. */
#define FIRST_KEYS ((PAGE_BYTES - sizeof(struct head)) / sizeof(uint64_t))

struct first_page {
	struct head head;
	uint64_t keys[FIRST_KEYS];
};

_Static_assert(RECORDS_MAX % USED_STEP == 0, "used may be all of them");
_Static_assert(sizeof(struct first_page) == PAGE_BYTES, "read at once");

struct place {
	off_t keys, records;
	size_t bytes; /* of a record; a divisor of a page */
};

#define KEYS_BYTES (RECORDS_MAX * sizeof(uint64_t))
#define WATCH_KEYS (PAGE_BYTES + KEYS_BYTES)
#define WATCH_RECORDS (WATCH_KEYS + KEYS_BYTES)
#define NODE_RECORDS (WATCH_RECORDS + RECORDS_MAX * (size_t)512)

static const struct place places[RECORDS_TABLES] = {
	[RECORDS_WATCHES] = { WATCH_KEYS, WATCH_RECORDS, 512 },
	[RECORDS_NODES] = { sizeof(struct head), NODE_RECORDS, 2048 },
};

int records_open(int root_fd, struct records **result)
{
	/* Not cleared: most of the keys are never used. */
	struct records *records = malloc(sizeof *records);

	if (!records)
		return fail(ENOMEM, "no memory for the local store");
	records->fd = own_descriptor(
		openat(root_fd, "nodes", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
	if (records->fd < 0) {
		free(records);
		return local_fail(errno, "open the local store");
	}
	pthread_mutex_init(&records->mutex, NULL);
	*result = records;
	return 0;
}

void records_close(struct records *records)
{
	close_descriptor(&records->fd);
}

void records_free(struct records *records)
{
	records_close(records);
	free(records);
}

/* ------------------------------------------------------------------ keys */

static int damaged(void)
{
	return fail(EIO, "the file \"nodes\" of the local store is damaged; remove it");
}

static int load_keys(struct records *records, enum records_table table, size_t from)
{
	size_t size = (records->used[table] - from) * sizeof(uint64_t);
	off_t offset = places[table].keys + (off_t)(from * sizeof(uint64_t));
	ssize_t length = pread(records->fd, records->keys[table] + from, size, offset);

	if (length < 0)
		return local_fail(errno, "read the local store");
	return length == (ssize_t)size ? 0 : damaged();
}

static int load_first(struct records *records)
{
	struct first_page page;
	ssize_t length = pread(records->fd, &page, sizeof page, 0);
	uint32_t *used = records->used;

	used[RECORDS_NODES] = used[RECORDS_WATCHES] = 0;
	if (length < 0)
		return local_fail(errno, "read the local store");
	if (length == 0)
		return 0;
	if (length < (ssize_t)sizeof page)
		memset((char *)&page + length, 0, sizeof page - (size_t)length);
	/* Whoever wrote the first record died, or failed, before the head that tells of it. */
	if (page.head.magic == 0 && page.head.used[RECORDS_NODES] == 0 &&
	    page.head.used[RECORDS_WATCHES] == 0)
		return 0;
	if (page.head.magic != MAGIC || page.head.used[RECORDS_NODES] > RECORDS_MAX ||
	    page.head.used[RECORDS_WATCHES] > RECORDS_MAX)
		return damaged();
	memcpy(used, page.head.used, sizeof page.head.used);
	memcpy(records->keys[RECORDS_NODES], page.keys,
	       (used[RECORDS_NODES] < FIRST_KEYS ? used[RECORDS_NODES] : FIRST_KEYS) *
		       sizeof(uint64_t));
	return 0;
}

static int load(struct records *records, enum lock_mode mode)
{
	int result = load_first(records);

	if (result == 0 && records->used[RECORDS_NODES] > FIRST_KEYS)
		result = load_keys(records, RECORDS_NODES, FIRST_KEYS);
	if (result == 0 && mode == LOCK_EXCLUSIVE && records->used[RECORDS_WATCHES] > 0)
		result = load_keys(records, RECORDS_WATCHES, 0);
	return result;
}

int records_lock(struct records *records, enum lock_mode mode)
{
	int result;

	pthread_mutex_lock(&records->mutex);
	result = lock_wait(records->fd, 0, mode, LOCK_LIMIT);
	if (result == 0) {
		result = load(records, mode);
		if (result < 0)
			lock_drop(records->fd, 0);
	}
	if (result < 0)
		pthread_mutex_unlock(&records->mutex);
	return result;
}

void records_unlock(struct records *records)
{
	lock_drop(records->fd, 0);
	pthread_mutex_unlock(&records->mutex);
}

/* FNV-1a; whoever finds a record compares the path too. */
uint64_t records_key(const char *path)
{
	uint32_t hash = 0x811c9dc5u, above = hash;

	for (; *path != '\0'; path++) {
		if (*path == '/')
			above = hash;
		hash = (hash ^ (unsigned char)*path) * 0x01000193u;
	}
	return (uint64_t)(above | 1) << 32 | (hash | 1);
}

bool records_has_child(const struct records *records, uint64_t key)
{
	for (uint32_t at = 0; at < records->used[RECORDS_NODES]; at++)
		if (records->keys[RECORDS_NODES][at] >> 32 == (uint32_t)key)
			return true;
	return false;
}

int records_find(const struct records *records, enum records_table table, uint64_t key, int from)
{
	const uint64_t *keys = records->keys[table];

	for (uint32_t at = (uint32_t)from; at < records->used[table]; at++)
		if (key == 0 ? keys[at] != 0 : keys[at] == key)
			return (int)at;
	return -1;
}

/* ------------------------------------------------------------------ records */

static int put(const struct records *records, off_t offset, const void *bytes, size_t size)
{
	ssize_t written = pwrite(records->fd, bytes, size, offset);

	if (written == (ssize_t)size)
		return 0;
	return local_fail(written < 0 ? errno : ENOSPC, "write the local store");
}

static off_t record_offset(enum records_table table, int at)
{
	return places[table].records + (off_t)((size_t)at * places[table].bytes);
}

static int put_key(struct records *records, enum records_table table, int at, uint64_t key)
{
	records->keys[table][at] = key;
	return put(records, places[table].keys + (off_t)((size_t)at * sizeof key), &key,
		   sizeof key);
}

static int put_head(const struct records *records)
{
	struct head head = { .magic = MAGIC };

	memcpy(head.used, records->used, sizeof head.used);
	return put(records, 0, &head, sizeof head);
}

int records_read(const struct records *records, enum records_table table, int at, void *record,
		 size_t size)
{
	ssize_t length = pread(records->fd, record, size, record_offset(table, at));

	if (length < 0)
		return local_fail(errno, "read the local store");
	memset((char *)record + length, 0, size - (size_t)length);
	return 0;
}

int records_replace(const struct records *records, enum records_table table, int at,
		    const void *record, size_t size)
{
	return put(records, record_offset(table, at), record, size);
}

int records_add(struct records *records, enum records_table table, uint64_t key, const void *record,
		size_t size)
{
	uint32_t at = 0, *used = &records->used[table];
	uint64_t *keys = records->keys[table];
	int result;

	while (at < *used && keys[at] != 0)
		at++;
	if (at == RECORDS_MAX)
		return fail(ENOSPC, "the local store is full: %u %s are the limit", RECORDS_MAX,
			    table == RECORDS_NODES ? "nodes" : "watches");
	result = records_replace(records, table, (int)at, record, size);
	if (result == 0)
		result = put_key(records, table, (int)at, key);
	if (result < 0 || at < *used)
		return result;
	memset(keys + at + 1, 0, (USED_STEP - 1) * sizeof *keys);
	*used += USED_STEP;
	return put_head(records);
}

static bool is_empty(const struct records *records)
{
	return records_find(records, RECORDS_NODES, 0, 0) < 0 &&
	       records_find(records, RECORDS_WATCHES, 0, 0) < 0;
}

/* That a key could not be cleared leaves what a dead process may leave, too. */
void records_remove(struct records *records, enum records_table table, int at)
{
	int result = put_key(records, table, at, 0);

	if (result == 0 && is_empty(records)) {
		result = ftruncate(records->fd, 0);
		records->used[RECORDS_NODES] = records->used[RECORDS_WATCHES] = 0;
	}
	(void)result;
}
