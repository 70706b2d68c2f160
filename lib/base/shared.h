/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The only way to touch memory that another domain can write. Each load happens exactly once: the
 * caller checks and uses the copy, never the word again. A fuzz build has another header in this
 * one's place (tests/fuzz/accessor), which lets the fuzzer answer the loads.
 */
#ifndef XSOCK_BASE_SHARED_H
#define XSOCK_BASE_SHARED_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint8_t shared_load8(const uint8_t *word)
{
	return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static inline uint16_t shared_load16(const uint16_t *word)
{
	return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static inline uint32_t shared_load32(const uint32_t *word)
{
	return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static inline uint64_t shared_load64(const uint64_t *word)
{
	return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

/* A load that is ordered after an earlier shared_store64_fenced of this thread. */
static inline uint64_t shared_load64_fenced(const uint64_t *word)
{
	return __atomic_load_n(word, __ATOMIC_SEQ_CST);
}

static inline void shared_store8(uint8_t *word, uint8_t value)
{
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
}

static inline void shared_store32(uint32_t *word, uint32_t value)
{
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
}

static inline void shared_store64(uint64_t *word, uint64_t value)
{
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
}

/* Visible to the other side before any later fenced load of this thread is made: the store of the
 * store-then-look pattern on which sleeping and waking rest. */
static inline void shared_store64_fenced(uint64_t *word, uint64_t value)
{
	__atomic_store_n(word, value, __ATOMIC_SEQ_CST);
}

/* Makes a 0 into `value`; what the word is afterwards. */
static inline uint32_t shared_settle32(uint32_t *word, uint32_t value)
{
	uint32_t found = 0;

	if (__atomic_compare_exchange_n(word, &found, value, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		return value;
	return found;
}

/* Bytes that nobody here understands, into shared memory, out of it or between two places in it:
 * what is copied may change meanwhile, so of the copy alone can anything be said. */
static inline void shared_copy(void *to, const void *from, size_t length)
{
	memcpy(to, from, length);
}

#endif
