/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is due in a direction, done by whoever has its half's lock or gets it, while nobody waits for the lock. Mirrors growth.c's
 * attend_one, growth_catch_up, and connection_unlock.
 *
 * A thread that drained the peer's event attends; another one, which holds the lock for a transfer, catches up after it. Property: when all
 * are done, what the peer had said by the last event was looked at after it: none is left due.
 */
#define THREADS 3
#define EVENTS 2

#define LOCKED 0
#define DUE 1
#define WORDS 2
#define ENDS THREADS
#define QUEUED 3
#include "../base/shared.pml"

byte said;   /* by the peer, in words that its notification comes after */
byte looked; /* at so many of them */
byte done;

#ifdef LETS_GO_WITHOUT_FENCE
#define fence_of_unlock(thread) true
#else
#define fence_of_unlock(thread) fence(thread)
#endif

/* pthread_mutex_trylock: a locked instruction. */
inline try_lock(thread)
{
	atomic {
		fence(thread) ->
		got = !word[LOCKED];
		word[LOCKED] = 1
	}
}

/* It orders what was done before it, no more: a plain store would do. */
inline unlock(thread)
{
	store(thread, LOCKED, 0)
}

/* growth_catch_up, from behind the fence in front of its loop. */
inline catch_up(thread)
{
	do
	:: atomic { due = word[DUE] };
		if
		:: !due -> break
		:: else
		fi;
		try_lock(thread);
		if
		:: !got -> break
		:: else
		fi;
#ifdef FORGETS_WITHOUT_FENCE
		/* As it was: the store could wait until after the looks of the step, and undo what another thread had said was due. */
		store(thread, DUE, 0);
		looked = said;
#else
#ifdef FORGETS_AFTER_THE_STEP
		looked = said;
		atomic { fence(thread) -> word[DUE] = 0 }
#else
		atomic { fence(thread) -> word[DUE] = 0 }
		looked = said;
#endif
#endif
		unlock(thread);
		fence_of_unlock(thread)
	od
}

active proctype transfers()
{
	byte count;
	bool due, got;

	do
	:: count == EVENTS -> break
	:: count < EVENTS ->
		do
		:: try_lock(0);
			if
			:: got -> break
			:: else
			fi
		od;
		unlock(0);
		fence_of_unlock(0);
		catch_up(0);
		count++
	od;
	done++
}

active [THREADS - 1] proctype drains()
{
	byte self = _pid - THREADS; /* behind memory's and the above */
	byte count;
	bool due, got;

	do
	:: count == EVENTS -> break
	:: count < EVENTS ->
		said++;
		/* attend_one. A load of its own store would be forwarded: so the fence is for other machines than this. */
		store(self, DUE, 1);
		fence(self);
		catch_up(self);
		count++
	od;
	done++
}

active proctype end_of_it()
{
	atomic {
		done == THREADS && empty(stores[0]) && empty(stores[1]) && empty(stores[2]) ->
		assert(looked == said && !word[DUE] && !word[LOCKED])
	}
}
