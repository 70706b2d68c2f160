/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The launcher's log: which way the bytes went. */
#ifndef TESTS_PRELOAD_SOAK_LOG_H
#define TESTS_PRELOAD_SOAK_LOG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct log_sums {
	uint64_t connections; /* that were closed */
	uint64_t ring, tcp;   /* bytes, sent and received */
	uint64_t on_ring, never, back;
};

/* False with a message when it cannot be read. */
bool log_read(const char *path, struct log_sums *sums);
/* How often each reason for TCP was given. */
void log_print_reasons(const char *path, FILE *out);

/* How many of its lines say `text`. */
uint64_t log_count(const char *path, const char *text);

#endif
