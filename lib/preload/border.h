/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where what one source gives ends and another goes on: TCP before the switch, the ring, TCP behind it, and what was left over of a
 * ring. A receive goes across, as the kernel knows of no border. All with the lock of the incoming half held.
 */
#ifndef XSOCK_PRELOAD_BORDER_H
#define XSOCK_PRELOAD_BORDER_H

#include <stdbool.h>
#include <stddef.h>

#include "preload/stream.h"

struct pieces;

/* `count` bytes were received from one source. */
struct source {
	enum incoming incoming; /* before the receive */
	bool left_over;         /* it was what is left over of a ring */
	int flags;              /* of the receive */
	const struct pieces *pieces; /* that it asked for; those peeked at are still among them */
	size_t count;
};

/* It has no more, for good, and there is another one with more than an error. */
bool border_reached(struct stream *stream, int tcp, const struct source *source);
/* In the ring nothing comes behind the `looked_at` bytes that are there. */
bool border_ring_ends(struct stream *stream, size_t looked_at);
/* How many bytes more there are behind those peeked at, put in their pieces. */
size_t border_peek_behind(struct stream *stream, int tcp, const struct source *source);
/* After `count` bytes peeked at nothing will ever come. */
bool border_is_end(struct stream *stream, int tcp, size_t count);
/* Nothing but an error comes over TCP: that is for a call of its own, and shows until then. */
bool border_only_error_left(int tcp);

#endif
