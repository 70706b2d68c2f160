/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a stream is ready for, and showing it. */
#ifndef XSOCK_PRELOAD_READY_H
#define XSOCK_PRELOAD_READY_H

#include <stdbool.h>

struct stream;

/* After an event, of the TCP socket or of what belongs to the ring: does what is due, by stage, and sets the bell.
 * Takes the locks. */
void ready_update(struct stream *stream, bool of_tcp);
/* Bytes, an end or an error to read; the lock of the incoming half held. */
bool ready_to_read(struct stream *stream);
/* Room for bytes, or nothing to be sent any more; the lock of the outgoing half held. */
bool ready_to_write(struct stream *stream);
/* Reset, or closed both ways: ready for everything from now on. */
bool ready_tcp_broken(int tcp);
/* Before a program looks: what has come is shown though the event may be on its way through another thread. */
void ready_look(struct stream *stream);
/* The other end has shut down. */
bool ready_tcp_over(int tcp);
/* A new bell, before it stands anywhere, shows what there is to read on TCP; the ring has room. */
void ready_show_first(struct stream *stream, int tcp);
/* While there are bytes to be read in the ring: for who waits for edges it tells of the next byte too. The lock of the incoming
 * half held. */
void ready_await_edge(struct stream *stream);
/* The same, from now on, as a descriptor was registered for edges; takes the lock. */
void ready_want_edges(struct stream *stream);
/* Bytes behind those that make it readable may have come with the peer's word, and whoever looks takes the event. */
void ready_found_switch(struct stream *stream);
/* The hang-up of one direction, which as with TCP shows at once, whatever is still to be read; each end is an edge, once. */
void ready_show_end(struct stream *stream);
/* Both locks held, in RING. */
void ready_show(struct stream *stream);

#endif
