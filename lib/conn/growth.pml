/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One direction's ring is changed for another, while bytes go through it. Mirrors exchange.c (all of it but the limits), growth.c's
 * growth_step with growth_attend, ring/turn.c, and consumer_refresh; docs/protocol.md, "Growing rings", has the steps. WRITER_GRANTS: else
 * the reader does. When to wish is growth.c's choice, here anything; so is every refusal, every ring that is kept.
 *
 * Properties: each byte is read once, in order, out of a ring that the end still has, and so is a span in place; neither end takes the other
 * for a liar; a page is ungranted only when nobody has it mapped; and once both ends made one more call after the last byte, notifications
 * alone bring every change to its end: nothing but the rings in use is left. Stores are seen in the order in which they are made, as x86 has
 * it; what can be seen too late because of a store's delay is wake.pml's and attend.pml's affair.
 *
 * CHANGES: wishes at most. FIRST: the smaller of two ring sizes. START: the first one. A page has one byte here. That a reader which never
 * drains is told of a wish by its turn (TURN_ASKS) is left out, as an event tells it too.
 */
#ifndef TOTAL
#define TOTAL 2
#endif
#ifndef CHANGES
#define CHANGES 1
#endif
#ifndef FIRST
#define FIRST 1
#endif
#define LARGEST (2 * FIRST)
#ifndef START
#define START FIRST
#endif

#define WRITER 0
#define READER 1
#ifdef WRITER_GRANTS
#define GRANTER WRITER
#define MAPPER READER
#else
#define GRANTER READER
#define MAPPER WRITER
#endif

/* The control page. Generations and pages are one word each in it. */
byte produced_index, consumed_index, turn_word;
byte wish_ring, wish_pages, offer_ring, offer_pages, offer_area;
byte mapped_word, refused_word, unmapped_word;
bool event[2];

/* Two areas of pages are enough for all rings there are at a time. */
byte data[2 * LARGEST];
bool granted[2], mapping[2];
#define has(end, area) (end == GRANTER -> granted[area] : mapping[area])
#define place(area, size, index) data[(area) * LARGEST + (index) % (size)]

#define TURN_KEPT 1

/* struct growth of both ends; a size of 0: none. And the ring that pages.ring says. */
byte generation[2], next_size[2], next_area[2], old_size[2], old_area[2], ring_size[2], ring_area[2];
bool ready, called[2];
byte mapped, refused, unmapped; /* the granter's */

/* struct producer, struct consumer and its struct turn. */
byte written, out_consumed, out_size = START, out_area, out_turn, reserved, span_area, span_size = START;
byte consumed, in_produced, in_size = START, in_area, in_word, expected, expected_size, expected_area, turned;
bool kept, news;
byte peeked, peeked_ring, peeked_size, peeked_area;

#define notify(end) event[1 - (end)] = true

/* ------------------------------------------------------------------ the ring */

inline producer_refresh()
{
	atomic {
		out_consumed = consumed_index;
		assert(out_consumed <= produced_index)
	}
}

inline consumer_refresh()
{
#ifdef LOOKS_AT_TURN_FIRST
	word = turn_word;
	looked = produced_index;
#else
	looked = produced_index;
	word = turn_word;
#endif
	atomic {
		if
		:: word != in_word ->
			/* Else it claims to have gone on in another ring than was agreed. */
			assert(expected_size != 0 && word >> 1 == expected);
			kept = (word & TURN_KEPT) != 0;
			if
			:: !kept -> in_size = expected_size; in_area = expected_area
			:: else
			fi;
			expected_size = 0;
			turned = expected;
			in_word = word;
			news = true
		:: else
		fi;
		assert(looked >= in_produced && looked - consumed <= in_size);
		in_produced = looked;
		looked = 0;
		word = 0
	}
}

inline expect()
{
	atomic {
		expected = generation[READER];
		expected_size = next_size[READER];
		expected_area = next_area[READER]
	}
}

/* ------------------------------------------------------------------ both ends of an exchange */

inline give_back(end, size, area)
{
	atomic {
		if
		:: size != 0 && end == GRANTER -> assert(granted[area] && !mapping[area]); granted[area] = false
		:: size != 0 && end == MAPPER -> assert(mapping[area]); mapping[area] = false
		:: else
		fi;
		size = 0
	}
}

inline change_rings(end, keeps)
{
	atomic {
		if
		:: keeps ->
			old_size[end] = next_size[end];
			old_area[end] = next_area[end];
			/* Spans lie in the ring that is still the one in use. */
			peeked_ring = (end == READER -> generation[end] : peeked_ring)
		:: else ->
			old_size[end] = ring_size[end];
			old_area[end] = ring_area[end];
			ring_size[end] = next_size[end];
			ring_area[end] = next_area[end]
		fi;
		next_size[end] = 0;
		ready = (end == WRITER -> false : ready)
	}
}

inline turn()
{
	if
#ifdef TURNS_UNDER_RESERVATION
	:: !ready
#else
	:: !ready || reserved > 0
#endif
	:: else ->
		atomic {
			producer_refresh();
			keeps = false;
			if
			/* Too small by now; or, when it is not, too small for what a call waits for. */
			:: keeps = true
#ifdef TURNS_TO_WHAT_IS_TOO_SMALL
			:: true
#else
			:: written - out_consumed <= next_size[WRITER]
#endif
			fi;
			out_turn = generation[WRITER] << 1 | (keeps -> TURN_KEPT : 0);
#ifdef TURNS_BEFORE_COPYING
			turn_word = out_turn
#endif
		}
		atomic {
#ifndef COPIES_NOTHING
			do
			:: !keeps && at + out_consumed < written ->
				place(next_area[WRITER], next_size[WRITER], out_consumed + at) =
					place(out_area, out_size, out_consumed + at);
				at++
			:: else -> break
			od;
#endif
			at = 0;
			out_size = (keeps -> out_size : next_size[WRITER]);
			out_area = (keeps -> out_area : next_area[WRITER]);
			turn_word = out_turn;
			change_rings(WRITER, keeps);
			keeps = false;
			notify(WRITER)
		}
	fi
}

inline follow()
{
	if
	:: next_size[READER] == 0
	:: else ->
		consumer_refresh();
		atomic { if
		:: turned != generation[READER]
		:: else ->
#ifndef FORGETS_WHAT_IT_HAS_SEEN
			mapped = (READER == GRANTER -> generation[READER] : mapped);
#endif
			change_rings(READER, kept)
		fi }
	fi
}

#ifdef WRITER_GRANTS
#define granter_changes_over turn()
#define mapper_changes_over follow()
#else
#define granter_changes_over follow()
#define mapper_changes_over turn()
#endif

#ifdef IGNORES_SPANS
#define old_is_in_use(end) false
#else
#define old_is_in_use(end) (end == READER && peeked > 0 && peeked_ring != turned)
#endif

/* ------------------------------------------------------------------ the granter */

/* Refused, or granted. */
inline offer(pages)
{
	generation[GRANTER]++;
	if
	:: true
	:: next_size[GRANTER] = pages;
		next_area[GRANTER] = 1 - ring_area[GRANTER];
		assert(!granted[next_area[GRANTER]] && !mapping[next_area[GRANTER]]);
		granted[next_area[GRANTER]] = true;
		if
		:: GRANTER == READER -> expect()
		:: else
		fi
	fi;
	offer_pages = next_size[GRANTER];
	offer_area = next_area[GRANTER];
	offer_ring = generation[GRANTER];
	notify(GRANTER)
}

/* It says one of them, so that both can be looked at at once. */
inline take_answer()
{
	if
	:: mapped_word != mapped ->
		assert(mapped_word == generation[GRANTER]);
		mapped = mapped_word;
		ready = (GRANTER == WRITER -> next_size[GRANTER] != 0 : ready)
	:: else
	fi;
	if
	:: refused_word != refused ->
		assert(refused_word == generation[GRANTER] && mapped_word != refused_word && next_size[GRANTER] != 0);
		assert(GRANTER == WRITER || turned != generation[GRANTER]);
		refused = refused_word;
		expected_size = (GRANTER == READER -> 0 : expected_size);
		give_back(GRANTER, next_size[GRANTER], next_area[GRANTER])
	:: else
	fi
}

inline ungrant_old()
{
	assert(unmapped_word == unmapped || unmapped_word == generation[GRANTER]);
	unmapped = unmapped_word;
	if
#ifdef UNGRANTS_WHAT_IS_MAPPED
	:: !old_is_in_use(GRANTER) ->
#else
	:: unmapped == generation[GRANTER] && !old_is_in_use(GRANTER) ->
#endif
		give_back(GRANTER, old_size[GRANTER], old_area[GRANTER])
	:: else
	fi
}

inline take_wish()
{
	if
	:: GRANTER == WRITER
	:: GRANTER == READER && wish_ring == generation[GRANTER]
	:: GRANTER == READER && wish_ring != generation[GRANTER] ->
		assert(wish_ring == generation[GRANTER] + 1);
		if
#ifdef OFFERS_TOO_EARLY
		:: next_size[GRANTER] == 0
#else
		:: next_size[GRANTER] == 0 && old_size[GRANTER] == 0
#endif
			-> offer(wish_pages)
		:: else
		fi
	fi
}

inline step_granter()
{
	atomic { take_answer() }
	granter_changes_over;
	atomic { ungrant_old() }
	atomic { take_wish() }
}

/* ------------------------------------------------------------------ the mapper */

/* Refused, or mapped. */
inline answer()
{
	if
	:: refused_word = generation[MAPPER]
	:: assert(granted[offer_area]);
		next_size[MAPPER] = offer_pages;
		next_area[MAPPER] = offer_area;
		mapping[offer_area] = true;
		ready = (MAPPER == WRITER -> true : ready);
		if
		:: MAPPER == READER -> expect()
		:: else
		fi;
		mapped_word = generation[MAPPER]
	fi;
	notify(MAPPER)
}

inline take_offer()
{
	if
	:: offer_ring == generation[MAPPER]
	:: else ->
		assert(next_size[MAPPER] == 0 && old_size[MAPPER] == 0);
		assert(MAPPER == READER || (offer_ring == wish_ring && (offer_pages == 0 || offer_pages == wish_pages)));
		generation[MAPPER] = offer_ring;
		if
		:: offer_pages == 0
		:: else -> answer()
		fi
	fi
}

inline unmap_old()
{
	if
	:: old_size[MAPPER] == 0 || old_is_in_use(MAPPER)
	:: else ->
#ifdef SAYS_UNMAPPED_BEFORE
		unmapped_word = generation[MAPPER];
#endif
		atomic {
			give_back(MAPPER, old_size[MAPPER], old_area[MAPPER]);
			unmapped_word = generation[MAPPER];
			notify(MAPPER)
		}
	fi
}

inline step_mapper()
{
	mapper_changes_over;
	unmap_old();
	atomic { take_offer() }
	/* What was just mapped may be turned to at once. */
	mapper_changes_over;
	unmap_old()
}

/* ------------------------------------------------------------------ the writer */

#define wish_is_answered (GRANTER == WRITER || wish_ring == generation[WRITER])
#define exchange_idle (wish_is_answered && next_size[WRITER] == 0 && old_size[WRITER] == 0)

inline wish()
{
	if
	:: pages = FIRST
	:: pages = LARGEST
	fi;
	if
	:: GRANTER == WRITER -> offer(pages)
	:: else ->
		wish_pages = pages;
		wish_ring = generation[WRITER] + 1;
		notify(WRITER)
	fi;
	pages = 0
}

inline step_writer()
{
#ifdef WRITER_GRANTS
	step_granter();
#else
	step_mapper();
#endif
	if
	:: atomic { exchange_idle && generation[WRITER] < CHANGES -> wish() }
	:: true
	fi
}

#define all_is_settled                                                                             \
	(consumed == TOTAL && called[WRITER] && called[READER] && wish_is_answered &&              \
	 next_size[WRITER] == 0 && next_size[READER] == 0 && old_size[WRITER] == 0 &&              \
	 old_size[READER] == 0 && generation[WRITER] == generation[READER] &&                      \
	 granted[0] + granted[1] == 1 && mapping[0] + mapping[1] == 1)

#define room (written < TOTAL && reserved == 0 && written - consumed_index < out_size)
#define full (written < TOTAL && reserved == 0 && written - consumed_index >= out_size)

/* A byte's value is its place in the stream, from 1 on. */
inline put(area, size)
{
	assert(has(WRITER, area));
	place(area, size, written) = written + 1;
	written++
}

active proctype writer()
{
	byte at, pages;
	bool keeps, due;

	d_step {
		ring_size[WRITER] = START;
		granted[0] = true;
		mapping[0] = true;
		ring_size[READER] = START
	}
end:	do
	:: atomic { event[WRITER] || due -> event[WRITER] = false; due = false }
		step_writer()
	:: atomic { room -> producer_refresh(); put(out_area, out_size) }
	:: atomic {
			room ->
			producer_refresh();
			reserved = out_size - (written - out_consumed);
			span_area = out_area;
			span_size = out_size
		}
	/* The user writes into the span, and commits. */
	:: atomic {
			reserved > 0 ->
			put(span_area, span_size);
			reserved = (written == TOTAL -> 0 : reserved - 1);
			produced_index = written
		}
	:: atomic { produced_index != written -> produced_index = written }
	/* growth_stalled. */
	:: atomic { full -> producer_refresh(); produced_index = written; due = true }
	:: atomic { produced_index == TOTAL && !called[WRITER] -> called[WRITER] = true; due = true }
	od
}

/* ------------------------------------------------------------------ the reader */

inline step_reader()
{
	news = false;
#ifdef WRITER_GRANTS
	step_mapper()
#else
	step_granter()
#endif
}

/* Of the ring, or of a span in place; and gives it back. */
inline take(area, size)
{
	atomic {
		assert(has(READER, area));
		assert(place(area, size, consumed) == consumed + 1);
		consumed++;
		peeked = (peeked > 0 -> peeked - 1 : 0);
		consumed_index = consumed
	}
}

active proctype reader()
{
	byte word, looked;
	bool due;

	ring_size[READER] > 0;
end:	do
	/* hear_news, too. */
	:: atomic { event[READER] || news || due -> event[READER] = false; due = false }
		step_reader()
	:: produced_index != in_produced || turn_word != in_word ->
		consumer_refresh()
	:: consumed < in_produced -> take(in_area, in_size)
	:: peeked > 0 -> take(peeked_area, peeked_size)
	:: atomic {
			consumed < in_produced && peeked == 0 ->
			peeked = in_produced - consumed;
			peeked_ring = turned;
			peeked_size = in_size;
			peeked_area = in_area
		}
	:: atomic { consumed == TOTAL && !called[READER] -> called[READER] = true; due = true }
	od
}

/* When nobody has anything to do. */
active proctype judge()
{
	timeout -> assert(all_is_settled)
}
