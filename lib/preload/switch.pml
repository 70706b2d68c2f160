/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A TCP connection whose ends meet, move on to a ring and leave it again, each when it likes, until both shut down. Mirrors
 *
 *   meeting.c  meeting_continue            ring.c     all but deaths, resets and SHUT_RD
 *   send.c     send_now, shutdown_ring     receive.c  receive_source, tcp_allowance, tcp_end       leftover.c, as of one process
 *
 * Properties: each end reads the other's bytes once and in order, whatever way they took, and the end of the stream behind all of them; the
 * positions never contradict each other (ring_broken); nobody waits for ever.
 *
 * TCP and its FIN take their time; the ring does not. Its words (hello, switch) and bytes are one item each. That a direction's first end is
 * settled for both, and that what is published before it can be seen, is conn/close.pml's affair. BYTES_A, BYTES_B: sent by each.
 * MEETINGS: at most.
 */
#ifndef BYTES_A
#define BYTES_A 2
#endif
#ifndef BYTES_B
#define BYTES_B 1
#endif
#ifndef MEETINGS
#define MEETINGS 1
#endif
#define TCP_MOST 2
#define ITEMS 4
#ifdef SENDS_BEFORE_THE_STASH
#define stash_room (outgoing == OUTGOING_STASH && len(tcp[me]) < TCP_MOST)
#else
#define stash_room false
#endif
#define idle (!leaving && phase == 0)
#define total(end) ((end) == 0 -> BYTES_A : BYTES_B)

/* Of each end's bytes: those in TCP's queues, how many of them have come, how many were ever written; and its FIN. */
chan tcp[2] = [TCP_MOST] of { byte };
byte queued[2], tcp_written[2];
bool fin[2], fin_here[2];
#define fin_came(from) (fin_here[from] && len(tcp[from]) == 0)
#define established (!fin[me] && !fin_here[1 - me])

/* The ring in being: of each end's items the queue, who cut it, and whether its writer ended it, its reader reads no more. */
#define HELLO 100
#define SWITCH 101
chan ring[2] = [ITEMS] of { byte, byte };
#define CUT_NONE 0
#define CUT_BY_SENDER 1
#define CUT_BY_RECEIVER 2
byte cut[2];
bool ended[2], refused[2];
bool made;
byte meetings;

mtype = { RESTING, MEETING, GREETED, RING };
mtype = { INCOMING_TCP, INCOMING_GUARDED, INCOMING_UNTIL, INCOMING_RING };
mtype = { OUTGOING_TCP, OUTGOING_RING, OUTGOING_STASH };
mtype stage[2] = RESTING;
bool has_ring[2];
/* What lay in a ring that this end could not stay in. */
chan leftover[2] = [ITEMS] of { byte };
chan stash[2] = [ITEMS] of { byte };

/* The network. */
active proctype network()
{
end:	do
	:: queued[0] < len(tcp[0]) -> queued[0]++
	:: queued[1] < len(tcp[1]) -> queued[1]++
	:: fin[0] && !fin_here[0] && queued[0] == len(tcp[0]) -> fin_here[0] = true
	:: fin[1] && !fin_here[1] && queued[1] == len(tcp[1]) -> fin_here[1] = true
	od
}

/* Both are there: an xsock connection. Each end learns of it when it looks. */
active proctype rendezvous()
{
end:	do
	:: d_step {
			stage[0] == MEETING && stage[1] == MEETING && !made && !has_ring[0] && !has_ring[1] ->
			do
			:: nempty(ring[0]) -> ring[0]?_, _
			:: nempty(ring[1]) -> ring[1]?_, _
			:: empty(ring[0]) && empty(ring[1]) -> break
			od;
			cut[0] = CUT_NONE;
			cut[1] = CUT_NONE;
			ended[0] = false;
			ended[1] = false;
			refused[0] = false;
			refused[1] = false;
			has_ring[0] = true;
			has_ring[1] = true;
			made = true
		}
	od
}

/* ------------------------------------------------------------------ xsock */

inline shut_sending()
{
	atomic {
		cut[me] = (cut[me] == CUT_NONE -> CUT_BY_SENDER : cut[me]);
		ended[me] = true
	}
}

inline shut_receiving()
{
	atomic {
		cut[1 - me] = (cut[1 - me] == CUT_NONE -> CUT_BY_RECEIVER : cut[1 - me]);
		refused[1 - me] = true
	}
}

inline close_ring()
{
	atomic {
		shut_sending();
		shut_receiving();
		has_ring[me] = false;
		made = false
	}
}

/* hear: a word is what is next in the ring, or the ring is over. */
#define in_ring (len(ring[1 - me]) > 0)
#define ring_over (len(ring[1 - me]) == 0 && ended[1 - me])

inline hear(word)
{
	heard = ring[1 - me]?[word, _]
}

/* ------------------------------------------------------------------ and back */

inline restore_if_over()
{
	if
	:: has_ring[me] && incoming == INCOMING_TCP && outgoing == OUTGOING_TCP ->
		close_ring();
		atomic { stage[me] = RESTING; greeted = false; carried = 0 }
	:: else
	fi
}

inline incoming_over()
{
	incoming = INCOMING_TCP;
	restore_if_over()
}

inline outgoing_over()
{
	/* Copies: whoever reads them there all the same has them twice. Words that the peer did not read are in front. */
	count = len(ring[me]);
	do
	:: count > 0 ->
		ring[me]?byte_, position;
		ring[me]!byte_, position;
		if
		:: count <= carried -> assert(byte_ < HELLO); stash[me]!byte_
		:: else
		fi;
		count--
	:: else -> break
	od;
	byte_ = 0;
	position = 0;
	outgoing = OUTGOING_STASH;
	send_stash()
}

inline send_stash()
{
	if
	:: len(stash[me]) == 0 ->
		outgoing = OUTGOING_TCP;
		if
		:: shut_stashed -> atomic { fin[me] = true; shut_stashed = false }
		:: else
		fi;
		restore_if_over()
	:: else
	fi
}

inline end_outgoing()
{
	if
	:: outgoing == OUTGOING_RING ->
		shut_sending();
#ifdef TAKES_BACK_WHAT_IS_THE_READERS
		outgoing_over()
#else
		if
		:: cut[me] == CUT_BY_SENDER -> outgoing = OUTGOING_TCP
		:: else -> outgoing_over()
		fi
#endif
	:: else
	fi
}

/* Bytes that came with a switch to an end that never was on the ring. */
inline hand_over()
{
	atomic {
		left_tcp = (incoming == INCOMING_UNTIL -> tcp_left : 0);
		do
		:: in_ring -> ring[1 - me]?byte_, _; assert(byte_ < HELLO); leftover[me]!byte_
		:: empty(ring[1 - me]) -> break
		od;
		byte_ = 0;
		tcp_left = 0;
		incoming = INCOMING_TCP
	}
}

inline take_unmet()
{
	if
	:: !greeted ->
		hear(HELLO);
		if
		:: heard -> ring[1 - me]?HELLO, _; greeted = true
		:: else
		fi
	:: else
	fi;
	hear(SWITCH);
	if
	:: greeted && heard -> hear_switch(); hand_over()
	:: else -> incoming = INCOMING_TCP
	fi;
	heard = false
}

inline hear_switch()
{
	atomic {
		ring[1 - me]?SWITCH, position;
		/* Else more came over TCP than the other end says it wrote there. */
		assert(position >= read_position);
		tcp_left = position - read_position;
		incoming = (tcp_left > 0 -> INCOMING_UNTIL : INCOMING_RING);
		position = 0
	}
}

/* ring_look_for_bytes, in RING. */
inline look_in_ring()
{
	hear(SWITCH);
	if
	:: incoming == INCOMING_GUARDED && heard -> hear_switch()
	:: incoming == INCOMING_GUARDED && !heard && ring_over -> incoming_over()
	:: else
	fi;
	heard = false;
	if
	:: incoming == INCOMING_RING && ring_over -> incoming_over()
	:: else
	fi
}

inline end_incoming()
{
	if
	:: incoming == INCOMING_TCP
	:: incoming != INCOMING_TCP ->
		shut_receiving();
		if
#ifndef DROPS_WHAT_THE_SENDER_LEFT
		:: cut[1 - me] == CUT_BY_SENDER && stage[me] == GREETED -> take_unmet()
		:: cut[1 - me] == CUT_BY_SENDER && stage[me] == RING -> look_in_ring()
#endif
		:: else ->
			atomic { incoming = INCOMING_TCP; tcp_left = 0 }
		fi
	fi
}

/* The two directions end one after the other. */
inline leave()
{
	atomic { end_outgoing() }
	atomic {
		if
		:: has_ring[me] -> end_incoming()
		:: else
		fi;
		restore_if_over()
	}
}

/* ------------------------------------------------------------------ on to the ring */

inline greet()
{
	if
	:: established ->
		atomic {
			incoming = INCOMING_GUARDED;
			outgoing = OUTGOING_TCP
		}
		ring[me]!HELLO, 0;
		stage[me] = GREETED
	:: true -> close_ring(); stage[me] = RESTING
	fi
}

inline enter()
{
	atomic { greeted = true; stage[me] = RING; position = tcp_written[me] }
	if
	:: refused[me] -> leaving = true
	:: else ->
#ifdef FORGETS_ITS_POSITION
		ring[me]!SWITCH, 0;
#else
		ring[me]!SWITCH, position;
#endif
		atomic { outgoing = OUTGOING_RING; carried = 0 }
	fi;
	position = 0
}

inline look_for_hello()
{
#ifdef AWAITS_NO_HELLO
	enter()
#else
	hear(HELLO);
	if
	:: heard ->
		heard = false;
		ring[1 - me]?HELLO, _;
		if
		:: enter()
		/* No descriptors, an epoll set: it cannot. */
		:: greeted = true; leaving = true
		fi
	:: !heard && ring_over -> leaving = true
	:: else
	fi
#endif
}

inline look_for_bytes()
{
	if
	:: stage[me] == GREETED -> look_for_hello()
	:: else
	fi;
	if
	:: stage[me] == RING -> look_in_ring()
	:: else
	fi
}

/* ------------------------------------------------------------------ the program's calls */

inline got(value)
{
	received++;
	assert(value == received)
}

inline receive_tcp()
{
	atomic {
		assert(queued[1 - me] > 0);
		tcp[1 - me]?byte_;
		queued[1 - me]--;
		read_position++;
		got(byte_);
		byte_ = 0
	}
}

inline end_of_stream()
{
	assert(received == total(1 - me));
	over = true
}

/* tcp_allowance: first how much TCP has, then what the ring says; so what was queued is in front of what the ring has not said. */
inline see_what_tcp_has()
{
	most = queued[1 - me];
	came = most == 0 && fin_came(1 - me)
}

inline receive_guarded()
{
#ifdef LOOKS_INTO_THE_RING_FIRST
	see_what_tcp_has();
#endif
	if
	:: incoming == INCOMING_GUARDED && came -> end_of_stream()
	:: incoming == INCOMING_GUARDED && !came && most > 0 ->
		do
		:: most > 0 -> receive_tcp(); most--
		:: break
		od
	:: else
	fi;
	most = 0;
	came = false
}

inline receive()
{
	if
	:: len(leftover[me]) > 0 && left_tcp > 0 && queued[1 - me] > 0 -> receive_tcp(); left_tcp--
	:: len(leftover[me]) > 0 && left_tcp == 0 -> leftover[me]?byte_; got(byte_); byte_ = 0
	:: len(leftover[me]) == 0 && incoming == INCOMING_TCP && queued[1 - me] > 0 -> receive_tcp()
	:: len(leftover[me]) == 0 && incoming == INCOMING_TCP && fin_came(1 - me) -> end_of_stream()
	:: incoming == INCOMING_UNTIL && queued[1 - me] > 0 ->
		receive_tcp();
		tcp_left--;
		incoming = (tcp_left == 0 -> INCOMING_RING : incoming)
	:: incoming == INCOMING_RING && in_ring -> ring[1 - me]?byte_, _; got(byte_); byte_ = 0
	fi
}

#define something_to_receive                                                                       \
	(len(leftover[me]) > 0 && (left_tcp == 0 || queued[1 - me] > 0) ||                         \
	 len(leftover[me]) == 0 && incoming == INCOMING_TCP && (queued[1 - me] > 0 || fin_came(1 - me)) || \
	 incoming == INCOMING_UNTIL && queued[1 - me] > 0 || incoming == INCOMING_RING && in_ring)

#define room_to_send                                                                               \
	(outgoing == OUTGOING_TCP && len(tcp[me]) < TCP_MOST ||                                    \
	 outgoing == OUTGOING_RING && !refused[me] && len(ring[me]) < ITEMS || stash_room)

inline send_byte()
{
	if
	:: outgoing == OUTGOING_TCP && nfull(tcp[me]) ->
		atomic { sent++; tcp_written[me]++; tcp[me]!sent }
	:: outgoing == OUTGOING_RING && !refused[me] && nfull(ring[me]) ->
		atomic { sent++; carried++; ring[me]!sent, 0 }
#ifdef SENDS_BEFORE_THE_STASH
	:: outgoing == OUTGOING_STASH && nfull(tcp[me]) ->
		atomic { sent++; tcp_written[me]++; tcp[me]!sent }
#endif
	fi
}

inline shutdown_writing()
{
	end_outgoing();
	shut = true;
	shut_stashed = outgoing == OUTGOING_STASH;
	fin[me] = !shut_stashed;
	restore_if_over()
}

/* What has come, or come to an end, in the ring: whoever waits looks there. */
#define news_in_ring                                                                               \
	(stage[me] == GREETED && (in_ring || ring_over) ||                                         \
	 stage[me] == RING && (incoming != INCOMING_TCP && ring_over || incoming == INCOMING_GUARDED && in_ring))

proctype side(byte me)
{
	mtype incoming = INCOMING_TCP, outgoing = OUTGOING_TCP;
	byte read_position, tcp_left, left_tcp, carried, sent, received, position, most, byte_, count, phase;
	bool greeted, shut, shut_stashed, over, came, heard, leaving;

	do
	/* What is under way, with the locks held. */
	:: leaving -> leave(); leaving = false
	:: atomic { !leaving && (phase == 1 || phase == 0 && news_in_ring) -> look_for_bytes(); phase = (phase == 1 -> 2 : 0) }
	:: atomic { !leaving && phase == 2 -> receive_guarded(); phase = 0 }
	/* The program's calls. */
	:: atomic { idle && sent < total(me) && !shut && room_to_send -> send_byte() }
	:: atomic { idle && sent == total(me) && !shut && stage[me] == GREETED -> leaving = true }
	:: atomic { idle && sent == total(me) && !shut && stage[me] != GREETED -> shutdown_writing() }
	:: atomic { idle && !over && something_to_receive -> receive() }
	:: atomic {
			idle && !over && incoming == INCOMING_GUARDED && (queued[1 - me] > 0 || fin_came(1 - me)) ->
			see_what_tcp_has();
			phase = 1
		}
	/* The helper's part. */
	:: atomic {
			idle && outgoing == OUTGOING_STASH && len(stash[me]) > 0 && len(tcp[me]) < TCP_MOST ->
			stash[me]?byte_;
			tcp_written[me]++;
			tcp[me]!byte_;
			byte_ = 0;
			send_stash()
		}
	:: atomic {
			idle && stage[me] == RESTING && len(leftover[me]) == 0 && meetings < 2 * MEETINGS && established ->
			stage[me] = MEETING;
			meetings++
		}
	:: atomic { idle && stage[me] == MEETING && has_ring[me] -> greet() }
	:: atomic { idle && stage[me] == MEETING && !has_ring[me] -> stage[me] = RESTING }
	:: atomic { idle && stage[me] == RING && refused[me] && outgoing == OUTGOING_RING -> outgoing_over() }
	/* Somebody has a reason. */
	:: atomic { idle && has_ring[me] && stage[me] != MEETING -> leaving = true }
	:: over && shut && !shut_stashed && !has_ring[me] && stage[me] == RESTING && idle -> break
	od
}

init
{
	atomic {
		run side(0);
		run side(1)
	}
}
