/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The command's options. */
#ifndef TESTS_PRELOAD_SOAK_SETTINGS_H
#define TESTS_PRELOAD_SOAK_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct settings {
	uint64_t seed, operations;
	size_t length;
	bool shrink, keep_going, hold, progress, times, trace;
	bool strict;
	const char *run, *ring, *chaos, *only, *without;
	int wait;
	uint64_t room;
	bool greets, loose;
};

/* Ends the process with a message when they make no sense. */
struct settings settings_read(int argc, char **argv);

#endif
