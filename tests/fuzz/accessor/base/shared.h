/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What stands in for lib/base/shared.h in a fuzz build: the same calls, and before each load the
 * fuzzer may write the word, as a peer at that moment could. See world/lies.c.
 */
#ifndef XSOCK_BASE_SHARED_H
#define XSOCK_BASE_SHARED_H

#include <stddef.h>
#include <stdint.h>

uint8_t shared_load8(const uint8_t *word);
uint16_t shared_load16(const uint16_t *word);
uint32_t shared_load32(const uint32_t *word);
uint64_t shared_load64(const uint64_t *word);
uint64_t shared_load64_fenced(const uint64_t *word);
void shared_store8(uint8_t *word, uint8_t value);
void shared_store32(uint32_t *word, uint32_t value);
void shared_store64(uint64_t *word, uint64_t value);
void shared_store64_fenced(uint64_t *word, uint64_t value);
uint32_t shared_settle32(uint32_t *word, uint32_t value);
void shared_copy(void *to, const void *from, size_t length);

#endif
