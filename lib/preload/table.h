/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which stream a descriptor number means; read without a lock by every call. */
#ifndef XSOCK_PRELOAD_TABLE_H
#define XSOCK_PRELOAD_TABLE_H

#include <stdbool.h>

struct stream;

/* How many numbers mean a stream, and one more until preload_start. */
extern unsigned table_used __attribute__((visibility("hidden")));
/* The C library's call is all there is to do, whatever the number: so it is for programs whose
 * peers are elsewhere, at once and without a look at more. */
static inline bool table_is_empty(void)
{
	return __builtin_expect(__atomic_load_n(&table_used, __ATOMIC_ACQUIRE) == 0, 1);
}

bool table_start(void);
/* NULL for numbers that are no business of this library. */
struct stream *table_get(int fd);

/* Held, with signals kept out, while numbers change hands. Taken after a stream's own locks. */
void table_lock(void);
void table_unlock(void);

/* With the lock held. False: one number too many for the stream. */
bool table_put(int fd, struct stream *stream);
/* Where a call that began with `fd` finds the stream now: another thread may have closed that, and
 * it may mean something else. -1: it has no number any more. */
int table_number(const struct stream *stream, int fd);
/* What it meant; *last: the stream has no other number in this process. */
struct stream *table_remove(int fd, bool *last);
/* The same for a number that is closed; but the last one goes on meaning the stream, `closed` from
 * now on, until table_clear: another thread's call would find what stands there meanwhile. NULL:
 * none, or another thread closes it. */
struct stream *table_retire(int fd, bool *last);
void table_clear(int fd);
/* One past the highest number ever used. */
int table_end(void);

/* In a forked child, which inherits the lock held. */
void table_forked(void);

#endif
