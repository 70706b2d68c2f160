/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A buffer cut into pieces at random places, some of them empty. */
#ifndef TESTS_PRELOAD_SOAK_PIECES_H
#define TESTS_PRELOAD_SOAK_PIECES_H

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#define MOST_PIECES 6

/* How many pieces; together they are the buffer. */
int cut(struct iovec pieces[MOST_PIECES], void *buffer, size_t length, uint64_t salt);

#endif
