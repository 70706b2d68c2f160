/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * In place of functions of the C library whose cost is the processor's affair (copies), or that
 * make the calls' cost depend on the time (the clock, sleep). A program's own come first when
 * libraries are bound.
 */
#ifndef COST_STAND_IN_H
#define COST_STAND_IN_H

#include <stdbool.h>
#include <stddef.h>

extern size_t stand_in_copied; /* bytes, by memcpy */

/* From now on no time passes, and whatever other thread sleeps does so for good. */
void time_stops(void);
/* Waits until one does. */
void await_sleeper(void (*meanwhile)(void));

#endif
