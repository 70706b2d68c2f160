/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Threads that sleep in poll on what stands at a descriptor number, while others exchange it (the socket for the bell and back). Mirrors
 * nudge.c, ring.c's exchange, and the waits of waiting.c and calls-poll.c: enter, poll, leave.
 *
 * poll goes on sleeping on the file that stood there when it began, and the last one is ready at the end. Property: nobody sleeps on.
 * Of SLOTS there are fewer than in the code, and as many threads, so that all of them may be taken by waits that are slow to end.
 */
#define SLOTS 2
#ifndef WAITERS
#define WAITERS 3
#endif
#ifndef EXCHANGES
#define EXCHANGES 3
#endif

byte file; /* that stands at the number; the last one is ready */
#define file_is_ready(which) (which == EXCHANGES)

/* A slot's descriptor is one of many; those that were written stay so until they are cleared for a new use. */
#define DESCRIPTORS 8
bool written[DESCRIPTORS];
byte waiters[SLOTS], use[SLOTS], fd[SLOTS], current, made;

/* free_slot: one that nobody waits on. */
inline nudge_everybody()
{
	if
	:: waiters[current] > 0 ->
		written[fd[current]] = true;
		next = 1 - current;
		if
#ifdef CLEARS_WHAT_OTHERS_WAIT_ON
		:: written[fd[next]] = false
#else
		:: waiters[next] == 0 -> written[fd[next]] = false
		/* Slow to wake up: its descriptor stays as it is. */
		:: waiters[next] > 0 ->
			waiters[next] = 0;
			use[next]++;
			made++;
			fd[next] = made
#endif
		fi;
		current = next
	:: else
	fi
}

active [WAITERS] proctype waiter()
{
	byte slot, since, own, slept_on;
	bool ready;

	do
	:: ready -> break
	:: !ready ->
#ifdef LOOKS_BEFORE_ENTERING
		slept_on = file;
#endif
		atomic {
			slot = current;
			since = use[slot];
			own = fd[slot];
			waiters[slot]++
		}
#ifndef LOOKS_BEFORE_ENTERING
		slept_on = file;
#endif
		/* Woken, it looks what stands there now. */
		file_is_ready(slept_on) || written[own];
		ready = file_is_ready(file);
		atomic {
			if
#ifdef COUNTS_OLD_WAITS
			/* As it was. */
			:: true -> waiters[slot]--
#else
			:: use[slot] == since -> waiters[slot]--
			:: else
#endif
			fi
		}
	od
}

active proctype exchanger()
{
	byte next;

	made = SLOTS - 1;
	fd[1] = 1;
	do
	:: file == EXCHANGES -> break
	:: file < EXCHANGES ->
#ifdef NUDGES_FIRST
		atomic { nudge_everybody() }
		file++
#else
		file++;
		atomic { nudge_everybody() }
#endif
	od
}
