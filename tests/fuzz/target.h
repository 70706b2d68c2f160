/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What libFuzzer calls. */
#ifndef XSOCK_TESTS_FUZZ_TARGET_H
#define XSOCK_TESTS_FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
