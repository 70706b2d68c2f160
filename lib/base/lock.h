/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Locks on single bytes of a file that processes share. They belong to the open file description
 * (F_OFD_SETLK), so threads with descriptors of their own exclude each other too, and the kernel
 * drops them when the last copy of the descriptor is closed: by death as well.
 */
#ifndef XSOCK_BASE_LOCK_H
#define XSOCK_BASE_LOCK_H

#include <sys/types.h>

/* LOCK_EXCLUSIVE needs a descriptor open for writing, LOCK_SHARED one open for reading. */
enum lock_mode { LOCK_SHARED, LOCK_EXCLUSIVE };

/* Takes the lock, or turns the one this description holds into `mode`. 0, or -EAGAIN when another
 * description's lock is in the way (what was held stays held). */
int lock_try(int fd, off_t byte, enum lock_mode mode);

/* The same, trying again for up to `limit` milliseconds: for sections that last microseconds.
 * -ETIMEDOUT. */
int lock_wait(int fd, off_t byte, enum lock_mode mode, int limit);

/* Gives the lock up; nothing happens when there is none. */
void lock_drop(int fd, off_t byte);

/* 1 when another description holds a lock on one of `length` bytes from `byte` on (0: all that
 * follow) that an exclusive lock would clash with, else 0. The descriptor may be read-only. */
int lock_held(int fd, off_t byte, off_t length);

#endif
