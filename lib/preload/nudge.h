/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Tells every thread that waits to look again, after what stands at a descriptor number has
 * changed: poll goes on sleeping on the file that stood there when it began (it registers with the
 * first one only), whatever happens to the new one.
 */
#ifndef XSOCK_PRELOAD_NUDGE_H
#define XSOCK_PRELOAD_NUDGE_H

/* What a wait watches. */
struct nudge {
	int fd; /* readable from the next nudge on; -1 when descriptors ran out */
	int slot;
	unsigned use;
};

/* Before a wait; to be given to nudge_leave after it. A wait that longjmp left keeps one of 64
 * slots; with none free a nudge costs a descriptor. */
struct nudge nudge_enter(void);
void nudge_leave(struct nudge nudge);

void nudge_everybody(void);

/* In a forked child. */
void nudge_forked(void);

#endif
