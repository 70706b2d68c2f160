/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Waking: a writer and a reader of one ring, each of which may ask for a moment, mark, look again and sleep. Mirrors
 *
 *   producer.c  producer_publish, producer_has_space        consumer.c  consumer_release, consumer_has_data, consumer_starves
 *   send.c      await_space, ask_for_space                  receive.c   await, ask_for_data
 *   readiness.c can_send, can_receive                       endpoint.c  endpoint_wait: ready, sleep, drain, ready again
 *
 * Property: nobody sleeps for ever. Both ends are done when TOTAL bytes are read, so a lost wake-up is an invalid end state.
 * An atomic step has one access to a word that the other end writes.
 *
 * SIZE: of the ring. RESERVES: the writer may want half a ring at once, and then the reader never wants more than that; else the two may
 * wait for each other by what they want, which growth is for. SHARED: at any look others may wait at the same end, for less, so the mark
 * is right ahead.
 */
#ifndef SIZE
#define SIZE 4
#endif
#ifndef TOTAL
#define TOTAL 5
#endif
#define HALF (SIZE / 2)

#define PRODUCER 0
#define CONSUMER 1
#define ENDS 2

#define PRODUCED 0
#define CONSUMED 1
#define SPACE_WANTED 2
#define DATA_WANTED 3
#define WORDS 4
#include "../base/shared.pml"

/* A channel's event that was not drained yet. */
bool event[ENDS];

/* A system call: what was stored before is seen before the other end wakes. */
#define notify(end) atomic { fence(end) -> event[1 - end] = true }

/* Polls the descriptors, and drains. */
#ifdef DRAINS_BEFORE_SLEEPING
#define sleep(end) atomic { event[end] = false }; event[end]
#else
#define sleep(end) atomic { event[end] -> event[end] = false }
#endif

/* ring_crossed */
#define crossed(mark, from, to) (mark > from && mark <= to)

/* What a mutant leaves out. */
#ifdef PUBLISHES_WITHOUT_FENCE
#define fence_of_publish true
#else
#define fence_of_publish fence(PRODUCER)
#endif
#ifdef RELEASES_WITHOUT_FENCE
#define fence_of_release true
#else
#define fence_of_release fence(CONSUMER)
#endif
#ifdef MARKS_DATA_WITHOUT_FENCE
#define fence_of_data_mark true
#else
#define fence_of_data_mark fence(CONSUMER)
#endif
#ifdef MARKS_SPACE_WITHOUT_FENCE
#define fence_of_space_mark true
#else
#define fence_of_space_mark fence(PRODUCER)
#endif

/* A mark right ahead may have been passed by what was done before it was seen; nothing later crosses it. */
#ifdef TRUSTS_MARKS_RIGHT_AHEAD
#define right_ahead_was_passed false
#define eager_mark_was_passed false
#else
#define right_ahead_was_passed (wake == SIZE - (written - then) + 1 && word[CONSUMED] != then)
#define eager_mark_was_passed (eager && word[PRODUCED] != then)
#endif

/* ------------------------------------------------------------------ the writer */

inline publish()
{
	if
	:: written != published ->
#ifdef LOOKS_BEFORE_PUBLISHING
		mark = word[DATA_WANTED];
		store(PRODUCER, PRODUCED, written);
#else
		store(PRODUCER, PRODUCED, written);
		atomic { fence_of_publish -> mark = word[DATA_WANTED] }
#endif
		atomic {
			asked = crossed(mark, published, written);
			published = written;
			mark = 0
		}
		if
		:: asked -> atomic { notify(PRODUCER); asked = false }
		:: else
		fi
	:: else
	fi
}

/* producer_has_space: `need` bytes are free, or an event will come. */
inline has_space()
{
	atomic {
		then = word[CONSUMED];
		enough = SIZE - (written - then) >= need;
		wake = (left < HALF -> left : HALF);
		wake = (wake < need -> need : wake);
#ifdef SHARED
		if
		:: wake = 0
		:: true
		fi;
#endif
#ifndef MARKS_WHAT_WAS_PASSED
		/* A mark that was passed already would never be crossed. */
		wake = (wake <= SIZE - (written - then) -> SIZE - (written - then) + 1 : wake)
#endif
	}
	if
	:: enough
	:: else ->
		store(PRODUCER, SPACE_WANTED, written + wake - SIZE);
#ifdef WRITER_LOOKS_ONCE
		fence_of_space_mark;
#else
		atomic {
			fence_of_space_mark ->
			enough = SIZE - (written - word[CONSUMED]) >= need || right_ahead_was_passed
		}
#endif
	fi;
	atomic { then = 0; wake = 0 }
}

inline await_space()
{
	publish();
	/* spin_ask: may find it, or give up. Either way it is looked again. */
	if
	:: word[CONSUMED] + SIZE - written >= need
	:: true ->
		do
		:: has_space();
			if
			:: enough -> enough = false; break
			:: else -> sleep(PRODUCER)
			fi
		od
	fi
}

active proctype producer()
{
	byte written, published, mark, then, free, wake, left, need;
	bool enough, asked;

	do
	:: written == TOTAL -> break
	:: written < TOTAL ->
		/* A message to send; or so much to reserve. */
		atomic {
			select(left : 1 .. SIZE);
			need = 1;
#ifdef RESERVES
			if
			:: left = HALF; need = HALF
			:: true
			fi;
#endif
			if
			:: left > TOTAL - written -> left = TOTAL - written; need = 1
			:: else
			fi
		}
		do
		:: left == 0 -> break
		:: left > 0 ->
			free = SIZE - (written - word[CONSUMED]);
			if
			:: free >= need ->
				atomic {
					free = (left < free -> left : free);
					written = written + free;
					left = left - free;
					free = 0
				}
				/* In parts, or all of it later. */
				if
				:: publish()
				:: true
				fi
			:: else -> free = 0; await_space()
			fi
		od;
		atomic { need = 0; publish() }
	od
}

/* ------------------------------------------------------------------ the reader */

inline release()
{
	store(CONSUMER, CONSUMED, consumed + length);
	atomic {
		fence_of_release -> mark = word[SPACE_WANTED];
		asked = crossed(mark, consumed, consumed + length);
		consumed = consumed + length;
		length = 0;
		mark = 0
	}
	if
	:: asked -> atomic { notify(CONSUMER); asked = false }
	:: else
	fi
}

/* consumer_has_data; and consumer_starves, as the writer may sleep until more is free than this end will give. */
inline has_data()
{
	atomic {
		then = word[PRODUCED];
		enough = then - consumed >= need;
#ifdef SHARED
		if
		:: eager = true
		:: eager = false
		fi
#endif
	}
	if
	:: enough
	:: else ->
		store(CONSUMER, DATA_WANTED, (eager -> then + 1 : consumed + need));
#ifdef READER_LOOKS_ONCE
		fence_of_data_mark;
#else
		atomic {
			fence_of_data_mark ->
			enough = word[PRODUCED] - consumed >= need || eager_mark_was_passed
		}
#endif
#ifndef LETS_THE_WRITER_STARVE
		if
		:: !enough && need > 1 ->
			asked = word[SPACE_WANTED] > consumed && word[SPACE_WANTED] <= consumed + SIZE;
			if
			:: asked -> atomic { notify(CONSUMER); asked = false }
			:: else
			fi
		:: else
		fi
#endif
	fi;
	atomic { then = 0; eager = false }
}

inline await_data()
{
	/* spin_ask, as above. */
	if
	:: word[PRODUCED] - consumed >= need
	:: true ->
		do
		:: has_data();
			if
			:: enough -> enough = false; break
			:: else -> sleep(CONSUMER)
			fi
		od
	fi
}

active proctype consumer()
{
	byte consumed, produced, mark, then, need, length;
	bool enough, asked, eager;

	do
	:: consumed == TOTAL -> break
	:: consumed < TOTAL ->
		atomic {
#ifdef RESERVES
			select(need : 1 .. HALF);
#else
			select(need : 1 .. SIZE);
#endif
			need = (need > TOTAL - consumed -> TOTAL - consumed : need)
		}
		do
		:: produced = word[PRODUCED];
			assert(produced - consumed <= SIZE);
			if
			:: produced - consumed >= need -> break
			:: else -> produced = 0; await_data()
			fi
		od;
		/* Some of it, or all. */
		atomic {
			select(length : 1 .. (produced - consumed));
			produced = 0;
			need = 0
		}
		release()
	od
}
