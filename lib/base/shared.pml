/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * shared.h for the models: words that one end writes and the other reads, as x86-TSO has them. An end's stores wait in a queue, which memory
 * takes one by one, in order, whenever it likes; loads see memory. (No end of a model loads a word that it stores to, so there is no
 * forwarding.) What a locked instruction does, and so a system call, waits for the end's queue.
 */
#ifndef QUEUED
#define QUEUED 2
#endif

short word[WORDS];
chan stores[ENDS] = [QUEUED] of { byte, short };

/* Of each end; the first processes of a model. */
active [ENDS] proctype memory()
{
	byte which;
	short value;

end:	do
	:: d_step { stores[_pid]?which, value -> word[which] = value; which = 0; value = 0 }
	od
}

/* shared_store */
#define store(end, which, value) stores[end]!which, value
/* Until what this end stored is seen by the other. */
#define fence(end) empty(stores[end])
