/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Another process's memory. What is in it is that process's word. */
#ifndef XSOCK_INSPECT_MEMORY_H
#define XSOCK_INSPECT_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct holder;

/* -1 with errno: EACCES, EPERM where the kernel's rule for debuggers forbids it. */
int memory_open(const struct holder *holder);
/* All of it, or false. */
bool memory_read(int memory_fd, uint64_t address, void *bytes, size_t size);

/* Is told of each place; returns false to end it. */
typedef bool memory_found(uint64_t address, void *context);

/* Looks for 16 bytes on a boundary of 64 in what programs and libraries have as their data;
 * bounded. False when it cannot be looked at. */
bool memory_search(const struct holder *holder, int memory_fd, const char pattern[16],
		   memory_found *found, void *context);

#endif
