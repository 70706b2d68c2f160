/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The library's own descriptors, out of the program's way: programs count on low numbers (close(0),
 * then open), on numbers below 1024 (select), and close what they do not know.
 */
#ifndef XSOCK_PRELOAD_NUMBERS_H
#define XSOCK_PRELOAD_NUMBERS_H

#include <stdbool.h>

/* Moves a descriptor just made to a high number and marks it; close-on-exec. Stays where it was
 * when none is free. */
int number_raise(int fd);
/* A close-on-exec duplicate at a high number, marked; -1 with errno. */
int number_duplicate(int fd);
void number_close(int fd);
/* dup3 that does not give way to who opens another descriptor at this very moment (EBUSY). */
void number_replace(int fd, int number, int flags);
/* What stands at a number of the program's behaves from now on as if nothing did: EBADF. */
void number_void(int fd);
/* Does it belong to this library, or to libxsock? */
bool number_is_ours(int fd);
/* Where high numbers begin. */
int number_floor(void);

#endif
