/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A thread of the library's own, made when a connection first looks for a ring, which does what
 * cannot wait for the program's next call: meetings, and what a program that is busy or asleep
 * elsewhere does not see. All that can happen makes one descriptor readable (helper_bell); a
 * program's thread that waits watches it too and does the work itself, so in the usual case this
 * thread has nothing left to do.
 */
#ifndef XSOCK_PRELOAD_HELPER_H
#define XSOCK_PRELOAD_HELPER_H

#include <stdbool.h>
#include <stdint.h>

struct stream;

/* Queues a stream for meeting_start; both its locks held. */
void helper_queue(struct stream *stream);
/* Makes the thread, if there is none; false: it cannot be made. Not with the table's lock. */
bool helper_start(void);

/* Which descriptors belong to the stream in its stage. */
bool helper_watch_meeting(struct stream *stream);
bool helper_watch_greeted(struct stream *stream);
bool helper_watch_ring(struct stream *stream);
/* Another look at all meetings at that time. */
void helper_look_at(int64_t when);
void helper_unwatch(int fd);
/* While meetings are under way the thread has no patience. */
void helper_count_meetings(int change);
/* The ring has space is among what to tell, or not. */
void helper_ask_for_space(struct stream *stream, bool ask);

/* Readable while helper_work has something to do; -1: nothing ever had to be watched. */
int helper_bell(void);
/* Does what there is to do, without waiting; was there anything? */
bool helper_work(void);
/* The same, before a last look: also what another thread is about to do is done. */
void helper_catch_up(void);
/* Makes the threads of all processes that came of this one by fork, or it of them, look what is
 * wanted of them. */
void helper_summon(void);

/* Around fork; a child inherits the lock held. */
void helper_before_fork(void);
void helper_lock(void);
void helper_unlock(void);
void helper_forked(void);

#endif
