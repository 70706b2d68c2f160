/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The descriptors that the library has open in this process, for programs that close what they do
 * not know, or count on low numbers. Whatever opens a descriptor owns it at once, and whatever
 * closes it disowns it first, as close(2) may be wrapped by somebody who asks whose it is. A forked
 * child has its own copy of all this, as of the descriptors.
 */
#ifndef XSOCK_BASE_OWNED_H
#define XSOCK_BASE_OWNED_H

#include <stdbool.h>

/* What open(2) and the like returned: owned, and moved out of the way if that is wished and works.
 * The number by now; -1 stays -1, with its errno. */
int own_descriptor(int fd);
/* The same for one whose number is another library's business. */
void own_in_place(int fd);
void disown_descriptor(int fd);

/* Disowns and closes *fd if it is not negative. The number is given up first: a child forked right
 * here must not close a descriptor that has got the same number meanwhile. */
void close_descriptor(int *fd);

/* Any thread, signal handlers too. */
bool is_own_descriptor(int fd);

/* From now on own_descriptor moves to numbers from `lowest` on; 0: nowhere. */
void set_descriptor_floor(int lowest);

#endif
