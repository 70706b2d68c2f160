/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One run: everything is as at first, then the input is all that happens, then nothing may be
 * left. */
#ifndef XSOCK_TESTS_FUZZ_WORLD_H
#define XSOCK_TESTS_FUZZ_WORLD_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

/* Also in builds without assert. */
#define EXPECT(condition) ((condition) ? (void)0 : world_failed(#condition, __FILE__, __LINE__))

void world_failed(const char *condition, const char *file, int line) __attribute__((noreturn));

void world_begin(const uint8_t *data, size_t size);
void world_end(void);

/* Around each call into the library, with its time limit in ms: it may do so much, and then has to
 * end, whatever the peer does. */
void world_call(int limit);
void world_called(void);
/* The call under way moves up to so many bytes, each of which takes some looks. */
void world_allow(uint64_t bytes);
/* The program itself lets time go by, between two calls. */
void world_pause(int64_t time);
/* So much of it was done: a look at a word, 64 bytes. */
void world_work(uint64_t amount);
/* A call that waits does so by this; ns of the run's clock. */
void world_pass_time(int64_t time);
int64_t world_time(void);
/* ns by which each look at the clock moves it. */
#define CLOCK_STEP 10000

#endif
