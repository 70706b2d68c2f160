/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The memory that two ends share: one file, mapped once for each of them and once for the peer that
 * lies. AddressSanitizer takes the ends' mappings for poisoned, all of them and always: whatever
 * looks into shared memory other than through the accessor is found. The accessor goes through the
 * third mapping, after a look whether the end has those pages at the time.
 */
#ifndef XSOCK_TESTS_FUZZ_MEMORY_H
#define XSOCK_TESTS_FUZZ_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum side { SIDE_A, SIDE_B };

void memory_begin(void);
/* Fails the run if an end still has pages, but for those that may stay. */
void memory_end(void);
/* One more: the control page of a connection in a domain that was restored. */
void memory_may_stay(void);

/* Zeroed pages, so far nobody's; the number of the first, or -1 when there are no more. */
long memory_take(size_t count);
/* It was taken, and the end has none of it. */
bool memory_can_give(enum side side, size_t page, size_t count);
/* The end has these pages from now on, at this address; and no longer. */
void *memory_give(enum side side, size_t page, size_t count, bool writable);
void memory_take_back(enum side side, const void *address, size_t count);
/* Nobody has any. */
void memory_forget(void);
/* Which page lies at an address of that end's. */
size_t memory_page(enum side side, const void *address);

/* In either end's mapping? */
bool memory_is_shared(const void *address);
/* The same bytes in the peer's mapping; fails the run unless the end has all of them. */
void *memory_of_peer(const void *address, size_t length, bool to_write);

#endif
