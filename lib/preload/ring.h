/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * On to the ring and back. What an end says in the ring before its bytes is a hello (it obeys the rule of INCOMING_GUARDED from now on)
 * and, behind the other end's hello, the position in its stream at which it leaves TCP. The end of the ring's stream sends the
 * reader back to TCP; an end that reads no more finds its bytes again on TCP, where the other sends what was not consumed.
 *
 * All with both of the stream's locks held, if not said otherwise.
 */
#ifndef XSOCK_PRELOAD_RING_H
#define XSOCK_PRELOAD_RING_H

#include <stdbool.h>

struct stream;
struct xsock;

/* MEETING has led to an xsock connection. False, and nothing has changed, when it cannot be used. */
bool ring_greet(struct stream *stream, struct xsock *ring, const char **why);
/* In GREETED: did the peer's hello come? Then on to RING. */
void ring_look_for_hello(struct stream *stream);
/* Follows what the peer said in the ring: its hello, where its bytes leave TCP, and the end of its bytes there. */
void ring_look_for_bytes(struct stream *stream);
/* The peer reads the ring no more: what it left goes to TCP, and what follows. */
void ring_outgoing_over(struct stream *stream);
/* Sends of the stash what TCP takes now. */
void ring_send_stash(struct stream *stream);
/* The other end has ended TCP, and a while after that still says no word of it in the ring, which an honest one does before and a
 * dead one's kernel soon after. The lock of the incoming half held. */
bool ring_is_left_alone(const struct stream *stream);
/* This end puts no more into the ring. False: the peer was first to leave, so a stash has to be sent before. */
bool ring_end_outgoing(struct stream *stream);
/* After shutdown both ways TCP answers what comes with a reset; so what comes has to come over TCP. */
void ring_end_if_deaf(struct stream *stream);
/* Both directions. What the peer sent before it left itself is still read from the ring; `why` for the report, NULL when
 * the connection ends. */
void ring_leave(struct stream *stream, const char *why);
/* For another process that holds the connection: what is left to be read is put where it finds it (leftover.h). False: it does not
 * fit. */
bool ring_hand_over(struct stream *stream);
/* What is left to be read of a ring that both ends have left; a loss, if it may not be, ends the connection. */
void ring_drop_incoming(struct stream *stream, bool lossless);
/* TCP is closed or reset, both ways: from now on it is ready for everything, for good, and shows that best itself. What
 * came over the ring before is still read there. */
void ring_stand_down(struct stream *stream);
/* No byte of the rest can be trusted to be in order: resets the TCP connection. */
void ring_broken(struct stream *stream);
/* Puts the TCP socket back when both directions are there again. */
void ring_restore_if_over(struct stream *stream);
/* The bell takes the socket's place, and gives it back. The table's lock too. */
bool ring_put_bell(struct stream *stream);
void ring_restore_numbers(struct stream *stream);

#endif
