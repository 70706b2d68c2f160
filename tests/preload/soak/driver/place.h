/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The directory of a run: the local platform's store, the hosts, the log. */
#ifndef TESTS_PRELOAD_SOAK_PLACE_H
#define TESTS_PRELOAD_SOAK_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* False with a message. */
bool place_make(char *directory, size_t size);
void place_remove(const char *directory);
/* How many nodes, grants, ports and watches are left in the store; they are printed. */
unsigned place_left_over(const char *directory, FILE *out);

#endif
