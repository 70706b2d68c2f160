/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "preload/transfer.h"

#include <errno.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>

#include "preload/border.h"
#include "preload/leftover.h"
#include "preload/linger.h"
#include "preload/pieces.h"
#include "preload/position.h"
#include "preload/ready.h"
#include "preload/real.h"
#include "preload/report.h"
#include "preload/ring.h"
#include "preload/sharing.h"
#include "preload/stream.h"
#include "preload/table.h"
#include "preload/waiting.h"

/* What the kernel is asked to do the same way over TCP. */
#define TCP_FLAGS (MSG_PEEK | MSG_TRUNC)

/* One receive of the program's. */
struct receiving {
	struct stream *stream;
	int fd, flags;
	struct pieces pieces;
	bool more;   /* some bytes came already */
	bool both;   /* locks are held, not only that of the incoming half */
	bool border; /* what gave the bytes has no more, and another source is next */
	bool final;  /* what was looked at is all that will ever come */
};

static ssize_t receive_tcp(int tcp, struct pieces *pieces, int flags)
{
	struct msghdr message = { .msg_iov = pieces->entries, .msg_iovlen = pieces->count };

	return real.recvmsg(tcp, &message, (flags & TCP_FLAGS) | MSG_DONTWAIT);
}

static void count_tcp(struct stream *stream, ssize_t count, int flags)
{
	if (count <= 0 || (flags & MSG_PEEK) != 0)
		return;
	stream->tcp_received += (uint64_t)count;
	stream->read_position += (uint64_t)count;
	if (stream->incoming != INCOMING_UNTIL)
		return;
	stream->tcp_left -= (uint64_t)count;
	if (stream->tcp_left == 0)
		stream->incoming = INCOMING_RING;
}

/* How many bytes of TCP are certainly in front of what is in the ring. Whatever the peer sends over
 * TCP after leaving the ring again comes after its word in the ring: so first see how much TCP has,
 * then that the ring says nothing. */
static size_t tcp_allowance(struct stream *stream, int tcp)
{
	int queued = 0;

	if (stream->incoming == INCOMING_UNTIL)
		return (size_t)stream->tcp_left;
	real.ioctl(tcp, SIOCINQ, &queued);
	ring_look_for_bytes(stream);
	if (stream->incoming == INCOMING_UNTIL)
		return (size_t)stream->tcp_left;
	return stream->incoming == INCOMING_GUARDED ? (size_t)queued : 0;
}

/* In front of an urgent byte the kernel counts nothing, though there are bytes behind it. */
static bool is_at_mark(int tcp)
{
	int mark = 0, queued = 0;

	return real.ioctl(tcp, SIOCATMARK, &mark) == 0 && mark != 0 &&
	       real.ioctl(tcp, SIOCINQ, &queued) == 0 && queued == 0;
}

static ssize_t receive_limited(struct stream *stream, int tcp, const struct pieces *pieces,
			       size_t most, int flags)
{
	struct pieces limited;
	ssize_t count;

	pieces_limit(pieces, most, &limited);
	count = receive_tcp(tcp, &limited, flags);
	count_tcp(stream, count, flags);
	return count;
}

/* The other end of the stream comes after all its bytes, those in the ring too. */
static ssize_t tcp_end(struct stream *stream, int tcp, const struct pieces *pieces, int flags)
{
	ssize_t count;
	char byte;

	count = real.recv(tcp, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
	if (count < 0)
		return -1;
	ring_look_for_bytes(stream);
	if (stream->incoming == INCOMING_GUARDED && count == 0)
		return 0;
	if (stream->incoming == INCOMING_GUARDED && is_at_mark(tcp))
		return receive_limited(stream, tcp, pieces, 1, flags);
	/* Bytes came between the two looks, or the ring moved. */
	errno = ECHANGED;
	return -1;
}

/* With both locks held, while bytes come over TCP though there is a ring. */
static ssize_t receive_guarded(struct stream *stream, int fd, struct pieces *pieces, int flags)
{
	int tcp = stream_tcp(stream, fd);
	enum incoming before = stream->incoming;
	size_t most = tcp_allowance(stream, tcp);

	tcp = stream_tcp(stream, fd);
	if (most == 0 && stream->incoming == INCOMING_GUARDED)
		return tcp_end(stream, tcp, pieces, flags);
	if (most == 0) {
		errno = before != stream->incoming ? ECHANGED : EAGAIN;
		return -1;
	}
	return receive_limited(stream, tcp, pieces, most, flags);
}

/* As TCP has it: though nothing is asked for, or nowhere to put it, there has to be something.
 * ENOMSG: there is. */
static ssize_t look_in_ring(struct stream *stream, const struct pieces *pieces)
{
	char byte;
	ssize_t count = xsock_recv(stream->ring, &byte, 1, MSG_DONTWAIT | MSG_PEEK);

	if (count <= 0)
		return count;
	errno = pieces->nowhere ? EFAULT : ENOMSG;
	return -1;
}

static ssize_t receive_ring(struct stream *stream, struct pieces *pieces, int flags)
{
	ssize_t count;

	if (pieces->total == 0 || pieces->nowhere)
		count = look_in_ring(stream, pieces);
	else if ((flags & MSG_TRUNC) != 0)
		count = pieces_discard(stream->ring, pieces, flags);
	else
		count = xsock_recvv(stream->ring, pieces->entries, (int)pieces->count,
				    (flags & MSG_PEEK) | MSG_DONTWAIT);
	if (count > 0 && (flags & MSG_PEEK) == 0)
		stream->ring_received += (uint64_t)count;
	if (count < 0 && errno == EAGAIN && stream->shut_read)
		return 0;
	if (count < 0 && errno == EAGAIN && ring_is_left_alone(stream))
		errno = ECHANGED;
	if (count > 0 || (count < 0 && (errno == EAGAIN || errno == EFAULT)))
		return count;
	if (count < 0 && errno == ENOMSG)
		return 0;
	errno = ECHANGED;
	return -1;
}

/* Readable must not be shown when nothing is left. To look is needed even after a receive that got
 * less than it asked for: only what comes after a look that found nothing comes with an event. */
static void show_readable(struct stream *stream)
{
	if (stream->bell.readable && !ready_to_read(stream))
		bell_set_readable(&stream->bell, false);
	else
		ready_await_edge(stream);
}

/* ------------------------------------------------------------------ from one source after the
 * other */

/* The peer died before it could send over TCP what it had taken out of the ring. */
static bool is_cut_short(const struct stream *stream, int tcp)
{
	return position_missing(tcp, stream->record->returns_until) > 0 && position_peer_ended(tcp);
}

static ssize_t receive_leftover(struct receiving *receiving, int tcp)
{
	struct record *record = receiving->stream->record;
	bool of_tcp = record->left_tcp > 0;
	ssize_t count =
		leftover_receive(record, tcp, &receiving->pieces, receiving->flags & TCP_FLAGS);

	if (of_tcp)
		count_tcp(receiving->stream, count, receiving->flags);
	if (leftover_size(record) == 0)
		linger_as_wanted(record, tcp);
	return count;
}

static ssize_t receive_source(struct receiving *receiving)
{
	struct stream *stream = receiving->stream;
	int tcp = stream_tcp(stream, receiving->fd);
	ssize_t count;

	if (leftover_size(stream->record) > 0)
		return receive_leftover(receiving, tcp);
	if (stream->incoming == INCOMING_RING)
		return receive_ring(stream, &receiving->pieces, receiving->flags);
	if (stream->incoming != INCOMING_TCP)
		return receive_guarded(stream, receiving->fd, &receiving->pieces, receiving->flags);
	if (stream->record->owed_error != 0)
		return stream_pay_error(stream);
	if (receiving->more && border_only_error_left(tcp))
		return 0;
	count = receive_tcp(tcp, &receiving->pieces, receiving->flags);
	if (stream->record->peer_died && (count == 0 || (count < 0 && errno != EAGAIN)))
		return stream_tell_death(stream, tcp);
	if (count == 0 && receiving->pieces.total > 0 && is_cut_short(stream, tcp)) {
		report(stream,
		       "the other end ended before it sent again what it took out of the ring");
		stream->record->returns_until = 0;
		return stream_tell_death(stream, tcp);
	}
	count_tcp(stream, count, receiving->flags);
	return count;
}

/* More than the `count` bytes of the one source that `incoming` was. */
static ssize_t cross_border(struct receiving *receiving, enum incoming incoming, bool left_over,
			    size_t count)
{
	struct stream *stream = receiving->stream;
	int tcp = stream_tcp(stream, receiving->fd);
	const struct source source = { .incoming = incoming,
				       .left_over = left_over,
				       .flags = receiving->flags,
				       .pieces = &receiving->pieces,
				       .count = count };

	receiving->border = border_reached(stream, tcp, &source);
	if ((receiving->flags & MSG_PEEK) == 0)
		return (ssize_t)count;
	if (receiving->border)
		count += border_peek_behind(stream, tcp, &source);
	receiving->final =
		(receiving->flags & MSG_WAITALL) != 0 && border_is_end(stream, tcp, count);
	return (ssize_t)count;
}

static void show(struct receiving *receiving, ssize_t count)
{
	struct stream *stream = receiving->stream;
	int error = errno;

	if (stream_stage(stream) == STAGE_RING && receiving->both)
		ready_show(stream);
	else if (stream_stage(stream) == STAGE_RING && (count >= 0 || error == EAGAIN))
		show_readable(stream);
	errno = error;
}

/* Without waiting. ECHANGED: look again, with both locks. */
static ssize_t receive_now(struct receiving *receiving)
{
	struct stream *stream = receiving->stream;
	bool carried = stream_stage(stream) == STAGE_GREETED || stream_stage(stream) == STAGE_RING;
	bool left_over = leftover_size(stream->record) > 0;
	enum incoming incoming;
	ssize_t count;

	receiving->fd = table_number(stream, receiving->fd);
	if (receiving->fd < 0) {
		errno = EBADF;
		return -1;
	}
	if (!carried && !sharing_is_ours(stream)) {
		errno = EELSEWHERE;
		return -1;
	}
	if (carried && !receiving->both && stream->incoming != INCOMING_RING) {
		errno = ECHANGED;
		return -1;
	}
	if (carried && receiving->both)
		ring_look_for_bytes(stream);
	incoming = stream->incoming;
	count = receive_source(receiving);
	if (count > 0)
		count = cross_border(receiving, incoming, left_over, (size_t)count);
	show(receiving, count);
	return count;
}

/* What one look finds is gone at the next, again and again: so an honest peer's ring is not. */
#define LOOKS_MOST 100

static void end_unrest(struct stream *stream)
{
	stream_lock(stream);
	if (stream_stage(stream) == STAGE_RING)
		ring_broken(stream);
	else if (stream_stage(stream) == STAGE_GREETED)
		ring_leave(stream, "it is never at rest");
	stream_unlock(stream);
}

static ssize_t receive_locked(struct receiving *receiving)
{
	struct stream *stream = receiving->stream;

	for (int look = 0;; look++) {
		ssize_t count;
		int error;

		receiving->both = look > 0;
		if (receiving->both)
			stream_lock(stream);
		else
			stream_lock_in(stream);
		count = receive_now(receiving);
		error = errno;
		if (receiving->both)
			stream_unlock(stream);
		else
			stream_unlock_in(stream);
		errno = error;
		if (count < 0 && error == EELSEWHERE && sharing_take_back(stream) == 0)
			continue;
		if (count >= 0 || error != ECHANGED)
			return count;
		if (look == LOOKS_MOST)
			end_unrest(stream);
	}
}

/* ------------------------------------------------------------------ until there is enough */

static bool is_enough(const struct receiving *receiving, size_t got)
{
	bool all = got == receiving->pieces.total && receiving->pieces.rest_count == 0;

	if ((receiving->flags & MSG_PEEK) != 0)
		return all || receiving->final || (receiving->flags & MSG_WAITALL) == 0;
	return receiving->pieces.total == 0 ||
	       ((receiving->flags & MSG_WAITALL) == 0 && !receiving->border);
}

struct patience {
	bool known, may_wait, asked;
	int64_t until;
};

static bool shows_end(const struct stream *stream)
{
	return stream_stage(stream) == STAGE_RING && stream->bell.over;
}

static int wait_to_receive(const struct receiving *receiving, struct patience *patience,
			   bool for_more)
{
	if (!patience->known) {
		patience->may_wait =
			wait_allowed(receiving->stream, receiving->fd, receiving->flags);
		patience->until = wait_limit(receiving->stream, receiving->fd, SO_RCVTIMEO);
		patience->known = true;
		errno = EAGAIN;
	}
	if (!patience->may_wait)
		return -1;
	/* What shows the end of TCP shows that for good, and a peer may end it without a word in
	 * the ring. */
	if (for_more || shows_end(receiving->stream))
		return wait_for_more(patience->until);
	/* Not again right after: what came may have been another thread's. */
	patience->asked = !patience->asked;
	if (patience->asked) {
		int come = wait_asking(receiving->stream, patience->until);

		if (come != 0)
			return come > 0 ? 0 : -1;
	}
	return wait_for(receiving->stream, receiving->fd, POLLIN, patience->until);
}

ssize_t transfer_receive(struct stream *stream, int fd, const struct iovec *iov, size_t count,
			 int flags)
{
	struct receiving receiving = { .stream = stream, .fd = fd, .flags = flags };
	struct patience patience = { 0 };
	bool all = (flags & MSG_WAITALL) != 0;
	size_t received = 0;
	ssize_t got;

	if (pieces_set(&receiving.pieces, iov, count) != 0)
		return -1;
	for (;;) {
		got = receive_locked(&receiving);
		if (got == 0 || (got < 0 && errno != EAGAIN))
			break;
		if (got > 0 && (flags & MSG_PEEK) == 0) {
			received += (size_t)got;
			receiving.more = true;
			pieces_advance(&receiving.pieces, (size_t)got);
			if (is_enough(&receiving, (size_t)got))
				break;
			continue;
		}
		if ((got > 0 && is_enough(&receiving, (size_t)got)) || (received > 0 && !all) ||
		    wait_to_receive(&receiving, &patience, got > 0) != 0)
			break;
	}
	if (received > 0 && got < 0)
		stream_owe_error(stream);
	return received > 0 ? (ssize_t)received : got;
}
