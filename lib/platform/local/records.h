/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The file of the local store: a head, two tables of keys, and the records that they stand for. It
 * is read and written by system calls, not mapped: the page faults of a fresh mapping cost more
 * than a whole set-up's calls. A lock on its first byte makes a change one. A process may be killed
 * at any call: a record is there once its key is, each is written by one call, and no record
 * crosses a page, within which the kernel does not stop. An empty store is an empty file.
 */
#ifndef XSOCK_PLATFORM_LOCAL_RECORDS_H
#define XSOCK_PLATFORM_LOCAL_RECORDS_H

#include "base/lock.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RECORDS_MAX 4096u /* of a table */

enum records_table { RECORDS_WATCHES, RECORDS_NODES, RECORDS_TABLES };

struct records {
	int fd;
	pthread_mutex_t mutex; /* the file's lock is one for all threads of a process */
	/* As they are in the file while the lock is held; from `used` on all keys are 0. */
	uint32_t used[RECORDS_TABLES];
	uint64_t keys[RECORDS_TABLES][RECORDS_MAX];
};

int records_open(int root_fd, struct records **records);
/* The descriptor alone, as a forked child must; then the rest. */
void records_close(struct records *records);
void records_free(struct records *records);

/* Whoever only reads takes it shared, and knows of the nodes only. */
int records_lock(struct records *records, enum lock_mode mode);
void records_unlock(struct records *records);

/* Of a path: a hash, never 0, and that of the path above it. */
uint64_t records_key(const char *path);
/* Is there one whose path lies right below that of this key, as far as hashes can tell? */
bool records_has_child(const struct records *records, uint64_t key);
/* The next record from `from` on that has this key (0: any), or -1. */
int records_find(const struct records *records, enum records_table table, uint64_t key, int from);

/* What follows needs the lock; records_read also when shared. What was never written is zero. */
int records_read(const struct records *records, enum records_table table, int at, void *record,
		 size_t size);
int records_replace(const struct records *records, enum records_table table, int at,
		    const void *record, size_t size);
int records_add(struct records *records, enum records_table table, uint64_t key, const void *record,
		size_t size);
void records_remove(struct records *records, enum records_table table, int at);

#endif
