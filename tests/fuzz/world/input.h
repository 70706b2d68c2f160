/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The fuzzer's bytes, from which all that happens in a run is taken, in order. Behind their end are
 * zeros, which mean: nothing more happens, and no more lies. */
#ifndef XSOCK_TESTS_FUZZ_INPUT_H
#define XSOCK_TESTS_FUZZ_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void input_begin(const uint8_t *data, size_t size);
bool input_is_empty(void);
uint8_t input_byte(void);
uint16_t input_16(void);
uint32_t input_32(void);
uint64_t input_64(void);
/* From 0 to `count` - 1. */
unsigned input_below(unsigned count);
/* What is left, `length` bytes at most; how many. */
size_t input_bytes(void *buffer, size_t length);
/* A text of a length that comes first, ended by a NUL, of `size` bytes at most with it. */
void input_text(char *text, size_t size);

#endif
