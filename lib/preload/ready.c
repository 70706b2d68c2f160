/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "preload/ready.h"

#include <errno.h>

#include "preload/helper.h"
#include "preload/meeting.h"
#include "preload/real.h"
#include "preload/ring.h"
#include "preload/sharing.h"
#include "preload/stream.h"
#include "preload/table.h"

static short poll_now(int fd, short events)
{
	struct pollfd entry = { .fd = fd, .events = events };

	return real.poll(&entry, 1, 0) > 0 ? entry.revents : 0;
}

bool ready_tcp_broken(int tcp)
{
	return (poll_now(tcp, 0) & (POLLHUP | POLLERR)) != 0;
}

bool ready_tcp_over(int tcp)
{
	return poll_now(tcp, POLLRDHUP) != 0;
}

/* The library's own work, too: it takes the events that made the descriptor readable. */
static short poll_ring(struct stream *stream, short events)
{
	struct xsock_pollfd entry = { .socket = stream->ring, .events = events };

	return xsock_poll(&entry, 1, 0) > 0 ? entry.revents : 0;
}

bool ready_to_read(struct stream *stream)
{
	char byte;

	if (stream->incoming == INCOMING_RING)
		return xsock_recv(stream->ring, &byte, 1, MSG_DONTWAIT | MSG_PEEK) >= 0 ||
		       errno != EAGAIN;
	return poll_now(stream->parked, POLLIN | POLLRDHUP) != 0;
}

bool ready_to_write(struct stream *stream)
{
	if (stream->shut_write)
		return true;
	if (stream->outgoing == OUTGOING_RING)
		return (poll_ring(stream, POLLOUT) & (POLLOUT | POLLERR | POLLHUP)) != 0;
	return stream->outgoing == OUTGOING_TCP && poll_now(stream->parked, POLLOUT) != 0;
}

static void ring_again(struct stream *stream)
{
	if (!stream->bell.ended) {
		bell_ring_again(&stream->bell);
		return;
	}
	table_lock();
	registrations_ring(&stream->registrations);
	table_unlock();
}

static void set_readable(struct stream *stream, bool readable)
{
	bool news = readable && !stream->bell.readable;

	bell_set_readable(&stream->bell, readable);
	if (news && stream->bell.ended)
		ring_again(stream);
}

void ready_show_end(struct stream *stream)
{
	bool over = ready_tcp_over(stream->parked);

	if ((stream->shut_read && !stream->bell.ended) || (over && !stream->bell.over))
		bell_end(&stream->bell);
	if (over && !stream->bell.over)
		stream->over_since = now_ms();
	stream->bell.over = over;
}

void ready_show_first(struct stream *stream, int tcp)
{
	short events = poll_now(tcp, POLLIN | POLLRDHUP);

	if ((events & POLLRDHUP) != 0)
		bell_end(&stream->bell);
	stream->bell.over = (events & POLLRDHUP) != 0;
	if (stream->bell.over)
		stream->over_since = now_ms();
	bell_set_readable(&stream->bell, (events & POLLIN) != 0);
}

/* Arrivals that come between two looks; more often than this nobody looks. */
#define EDGE_LOOKS 8

void ready_await_edge(struct stream *stream)
{
	struct xsock_info info;
	struct iovec span[2];

	if (!__atomic_load_n(&stream->registrations.edge, __ATOMIC_RELAXED) ||
	    !stream->bell.readable || stream->incoming < INCOMING_UNTIL)
		return;
	for (int look = 0; look < EDGE_LOOKS; look++) {
		if (xsock_get_info(stream->ring, &info, sizeof info) != 0)
			return;
		/* More than there is: the ring marks that. Less, or an error, is the end, or a full
		 * ring. */
		if (xsock_recv_peek(stream->ring, span, info.bytes_to_receive + 1, MSG_DONTWAIT) <=
		    (ssize_t)info.bytes_to_receive)
			return;
		ring_again(stream);
	}
}

void ready_found_switch(struct stream *stream)
{
	if (stream->bell.driver < 0 || !stream->bell.readable)
		return;
	ring_again(stream);
	ready_await_edge(stream);
}

void ready_want_edges(struct stream *stream)
{
	stream_lock_in(stream);
	if (stream_stage(stream) == STAGE_RING)
		ready_await_edge(stream);
	stream_unlock_in(stream);
}

void ready_show(struct stream *stream)
{
	if (stream->bell.driver < 0)
		return;
	ready_show_end(stream);
	set_readable(stream, ready_to_read(stream));
	ready_await_edge(stream);
	if (stream->bell.full && ready_to_write(stream)) {
		helper_ask_for_space(stream, false);
		bell_set_writable(&stream->bell, true);
	}
}

/* All of a stream's bytes go through the ring, and so did the event. */
static bool is_plain_sailing(const struct stream *stream)
{
	return stream_stage(stream) == STAGE_RING && stream->incoming == INCOMING_RING &&
	       stream->outgoing == OUTGOING_RING;
}

void ready_look(struct stream *stream)
{
	bool plain;

	if (stream_stage(stream) != STAGE_RING || stream->bell.readable)
		return;
	stream_lock_in(stream);
	plain = is_plain_sailing(stream);
	if (plain && ready_to_read(stream))
		set_readable(stream, true);
	stream_unlock_in(stream);
	if (!plain)
		ready_update(stream, true);
}

/* ------------------------------------------------------------------ events */

static void show_ring(struct stream *stream, short events)
{
	/* Who waits for an edge gets one for bytes that are more. */
	if ((events & POLLIN) != 0 && stream->bell.readable)
		ring_again(stream);
	else if ((events & POLLIN) != 0)
		ring_look_for_bytes(stream);
	if (!is_plain_sailing(stream)) {
		ready_show(stream);
		return;
	}
	if ((events & POLLIN) != 0)
		set_readable(stream, true);
	ready_await_edge(stream);
	if ((events & POLLOUT) != 0 && stream->bell.full) {
		helper_ask_for_space(stream, false);
		bell_set_writable(&stream->bell, true);
	}
}

static void update_ring(struct stream *stream, bool of_tcp)
{
	short events = POLLIN | POLLERR;

	if (stream->bell.full)
		events |= POLLOUT;
	/* By itself: what is ready already keeps xsock_poll from looking whether the peer is dead.
	 */
	if (poll_ring(stream, POLLERR) != 0)
		ring_outgoing_over(stream);
	if (stream_stage(stream) != STAGE_RING)
		return;
	events = poll_ring(stream, events);
	if (!of_tcp && is_plain_sailing(stream)) {
		show_ring(stream, events);
		return;
	}
	if (of_tcp && ready_tcp_broken(stream->parked))
		ring_stand_down(stream);
	if (stream_stage(stream) == STAGE_RING)
		ring_look_for_bytes(stream);
	if (stream_stage(stream) == STAGE_RING && stream->outgoing == OUTGOING_STASH)
		ring_send_stash(stream);
	if (stream_stage(stream) == STAGE_RING) {
		bool readable = stream->bell.readable;

		ready_show(stream);
		if (readable)
			ring_again(stream);
	}
}

void ready_update(struct stream *stream, bool of_tcp)
{
	stream_lock(stream);
	if (!stream->foreign)
		switch (stream_stage(stream)) {
		case STAGE_MEETING:
			meeting_continue(stream);
			break;
		case STAGE_GREETED:
			if (now_ms() > stream->meeting_until)
				ring_leave(stream, "the other end did not say hello in time");
			else
				ring_look_for_bytes(stream);
			if (stream_stage(stream) == STAGE_RING)
				ready_show(stream);
			break;
		case STAGE_RING:
			update_ring(stream, of_tcp);
			break;
		case STAGE_RESTING:
			sharing_settle_numbers(stream);
			/* More has come behind what is left over. */
			if (stream->parked >= 0)
				ring_again(stream);
			break;
		case STAGE_FRESH:
		case STAGE_QUEUED:
			break;
		}
	stream_unlock(stream);
}
