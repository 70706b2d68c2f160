/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The end of a process that cannot measure: a figure beside an error would be worth nothing. */
#ifndef BENCH_FAIL_H
#define BENCH_FAIL_H

/* The program's name and the sentence; status 1. */
__attribute__((noreturn, format(printf, 1, 2))) void fail(const char *format, ...);

/* The same with what errno says behind it. */
__attribute__((noreturn, format(printf, 1, 2))) void fail_errno(const char *format, ...);

#endif
