/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Ending one direction: by its writer, its reader, both at once, in order or by death between any two instructions. Mirrors
 *
 *   connection.c  end_lines, stop_sending, stop_receiving       send.c      transfer_send, connection_sends, why_ended
 *   withdraw.c    freeze, producer_withdraw                     receive.c   look, end_of_stream
 *   pages.c       pages_release, and what a kernel does for a process that died: its sign of life, then an event
 *
 * Properties: the reader gets all that was published before it is told of the end; an orderly end is never told as a death; who was first
 * to end is the same for both, so that what is in the ring is either read or taken back, and never both. Nobody sleeps for ever.
 * The marks are wake.pml's affair: here each index comes with an event.
 */
#ifndef TOTAL
#define TOTAL 3
#endif
#ifndef SIZE
#define SIZE 2
#endif

#define WRITER 0
#define READER 1
#define ENDS 2

#define PRODUCED 0
#define ENDED 1 /* the writer's state */
#define CONSUMED 2
#define REFUSED 3 /* the reader's */
#define GONE 4 /* and 5: the signs of life, but 1 for no more */
#define CUT 6
#define WORDS 7
#include "../base/shared.pml"

#define CUT_NONE 0
#define CUT_BY_WRITER 1
#define CUT_BY_READER 2

bool event[ENDS];
bool killed[ENDS];

/* What really happened, which no end can see. */
byte written, taken;
bool withdrew;

#define notify(end) atomic { fence(end) -> event[1 - end] = true }
#define sleep(end) atomic { event[end] -> event[end] = false }
#define dead(end) (word[GONE + end] != 0)

/* shared_settle32 */
inline settle(end, value)
{
	atomic {
		fence(end) ->
		word[CUT] = (word[CUT] == CUT_NONE -> value : word[CUT])
	}
}

/* Of a process that ended, and of one that let the pages go: the kernel comes after its last store. */
inline leave(end)
{
	store(end, GONE + end, 1);
	notify(end)
}

/* Either, or both, at any time. */
active proctype killer()
{
	if
	:: killed[WRITER] = true
	:: true
	fi;
	if
	:: killed[READER] = true
	:: true
	fi
}

/* ------------------------------------------------------------------ the writer */

inline why_ended()
{
	ended = word[REFUSED];
	if
	:: !ended && dead(READER) ->
#ifndef BELIEVES_IN_DEATH_AT_ONCE
		/* An orderly close marks its end first, and looks dead after. */
		if
		:: word[REFUSED]
		:: else -> assert(killed[READER])
		fi;
#else
		assert(killed[READER]);
#endif
		ended = true
	:: else
	fi
}

/* connection_sends, the same at less cost. */
inline sending_ended()
{
	ended = word[CUT] != CUT_NONE;
	if
	:: !ended -> ended = dead(READER)
	:: else
	fi;
	if
	:: ended -> why_ended()
	:: else
	fi
}

inline publish_end()
{
#ifdef ENDS_BEFORE_PUBLISHING
	store(WRITER, ENDED, 1);
	store(WRITER, PRODUCED, written);
	settle(WRITER, CUT_BY_WRITER);
#else
	store(WRITER, PRODUCED, written);
	settle(WRITER, CUT_BY_WRITER);
	store(WRITER, ENDED, 1);
#endif
#ifdef ENDS_WITHOUT_EVENT
	skip
#else
	notify(WRITER)
#endif
}

/* freeze: the end was seen, then the index is read. */
inline withdraw()
{
#ifdef FREEZES_WHAT_IT_KNOWS
	skip;
#else
	consumed = word[CONSUMED];
#endif
	assert(consumed <= written);
	atomic {
		assert(consumed == taken || (killed[READER] && consumed == taken - 1));
		withdrew = consumed < written
	}
}

active proctype writer()
{
	byte consumed;
	bool ended;

	{
		do
		:: written < TOTAL ->
			sending_ended();
			if
			:: ended -> break
			:: else
			fi;
			consumed = word[CONSUMED];
			if
			:: written - consumed < SIZE ->
				written++;
				/* Some are put into the ring and not published yet. */
				if
				:: store(WRITER, PRODUCED, written); notify(WRITER)
				:: true
				fi
			:: else ->
				why_ended();
				if
				:: ended -> break
				:: else
				fi;
				store(WRITER, PRODUCED, written);
				notify(WRITER);
				/* endpoint_wait: is there a reason to look, else sleep. */
				do
				:: word[CONSUMED] != consumed -> break
				:: else ->
					if
					:: word[REFUSED] -> break
					:: else
					fi;
					if
					:: dead(READER) -> break
					:: else -> sleep(WRITER)
					fi
				od
			fi
		:: true -> break
		od;
		if
		:: !ended -> publish_end()
		:: ended
		fi;
		/* It may stay a while, and take back what the reader will not read. */
		if
		:: true
		:: true ->
			if
			:: word[CUT] == CUT_BY_READER || (word[CUT] == CUT_NONE && ended) -> withdraw()
			:: else
			fi
		fi;
		if
		:: ended -> publish_end()
		:: else
		fi;
		/* It may wait for what the other end does. */
		if
		:: true
		:: true -> word[REFUSED] || dead(READER)
		fi
	} unless { killed[WRITER] };
	leave(WRITER)
}

/* ------------------------------------------------------------------ the reader */

inline take()
{
	atomic { taken++; assert(!withdrew) }
	store(READER, CONSUMED, consumed + 1);
	fence(READER);
	consumed++;
	notify(READER)
}

inline stop_receiving()
{
#ifdef MARKS_BEFORE_CUT
	store(READER, REFUSED, 1);
	settle(READER, CUT_BY_READER);
#else
	settle(READER, CUT_BY_READER);
	store(READER, REFUSED, 1);
#endif
#ifdef CUTS_BEFORE_LAST_INDEX
	if
	:: produced > consumed -> take()
	:: else
	fi;
#endif
#ifdef STOPS_WITHOUT_EVENT
	skip
#else
	notify(READER)
#endif
}

/* receive.c's look: death, then the end, then the index. */
inline look()
{
#ifdef LOOKS_AT_INDEX_FIRST
	produced = word[PRODUCED];
	lost = dead(WRITER);
	finished = word[ENDED]
#else
#ifdef LOOKS_AT_END_BEFORE_DEATH
	finished = word[ENDED];
	lost = dead(WRITER);
#else
	lost = dead(WRITER);
	finished = word[ENDED];
#endif
	produced = word[PRODUCED]
#endif
}

active proctype reader()
{
	byte produced, consumed;
	bool lost, finished, stops;

	{
		do
		:: look();
			if
			:: produced > consumed ->
				take()
			:: else ->
				if
				:: finished ->
					assert(consumed == written);
					break
				:: else
				fi;
				if
				:: lost ->
					assert(killed[WRITER]);
					assert(consumed == word[PRODUCED]);
					break
				:: else
				fi;
				do
				:: word[PRODUCED] != consumed -> break
				:: else ->
					if
					:: word[ENDED] -> break
					:: else
					fi;
					if
					:: dead(WRITER) -> break
					:: else -> sleep(READER)
					fi
				od
			fi
		:: !stops ->
			/* It wants no more: but what the writer, who was first, left in the ring it still reads. */
			stops = true;
			stop_receiving();
			if
			:: word[CUT] == CUT_BY_READER -> break
			:: else
			fi
		od;
		if
		:: true
		:: true -> word[ENDED] || dead(WRITER)
		fi;
		if
		:: !stops -> stop_receiving()
		:: else
		fi
	} unless { killed[READER] };
	leave(READER)
}
