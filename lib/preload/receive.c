/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "preload/transfer.h"

#include <errno.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>

#include "preload/pieces.h"
#include "preload/ready.h"
#include "preload/real.h"
#include "preload/ring.h"
#include "preload/sharing.h"
#include "preload/stream.h"
#include "preload/waiting.h"

/* What the kernel is asked to do the same way over TCP. */
#define TCP_FLAGS (MSG_PEEK | MSG_TRUNC)

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

/* How many bytes of TCP are certainly in front of what is in the ring. Whatever the peer sends over TCP after leaving the
 * ring again comes after its word in the ring: so first see how much TCP has, then that the ring says nothing. */
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

/* The other end of the stream comes after all its bytes, those in the ring too. */
static ssize_t tcp_end(struct stream *stream, int tcp)
{
	char byte;
	ssize_t count = real.recv(tcp, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

	if (count > 0)
		errno = EAGAIN;
	if (count != 0)
		return -1;
	ring_look_for_bytes(stream);
	if (stream->incoming == INCOMING_GUARDED)
		return 0;
	errno = EAGAIN;
	return -1;
}

/* With both locks held, while bytes come over TCP though there is a ring. */
static ssize_t receive_guarded(struct stream *stream, int fd, struct pieces *pieces, int flags)
{
	int tcp = stream_tcp(stream, fd);
	enum incoming before = stream->incoming;
	size_t most = tcp_allowance(stream, tcp);
	struct pieces limited;
	ssize_t count;

	tcp = stream_tcp(stream, fd);
	if (most == 0 && stream->incoming == INCOMING_GUARDED)
		return tcp_end(stream, tcp);
	if (most == 0) {
		errno = before != stream->incoming ? ECHANGED : EAGAIN;
		return -1;
	}
	pieces_limit(pieces, most, &limited);
	count = receive_tcp(tcp, &limited, flags);
	count_tcp(stream, count, flags);
	return count;
}

static ssize_t receive_ring(struct stream *stream, struct pieces *pieces, int flags)
{
	ssize_t count;

	/* As TCP has it: nothing is asked for, yet there has to be something. */
	if (pieces->total == 0 && ready_to_read(stream))
		return 0;
	if (pieces->total == 0 || pieces->nowhere) {
		errno = pieces->nowhere && ready_to_read(stream) ? EFAULT : EAGAIN;
		return -1;
	}
	if ((flags & MSG_TRUNC) != 0)
		count = pieces_discard(stream->ring, pieces, flags);
	else
		count = xsock_recvv(stream->ring, pieces->entries, (int)pieces->count,
				    (flags & MSG_PEEK) | MSG_DONTWAIT);
	if (count > 0 && (flags & MSG_PEEK) == 0)
		stream->ring_received += (uint64_t)count;
	if (count > 0 || (count < 0 && errno == EAGAIN))
		return count;
	errno = ECHANGED;
	return -1;
}

/* Readable must not be shown when nothing is left. To look is needed even after a receive that got less than it asked for:
 * only what comes after a look that found nothing comes with an event. */
static void show_readable(struct stream *stream)
{
	if (stream->bell.readable && !ready_to_read(stream))
		bell_set_readable(&stream->bell, false);
}

/* What another process took out of its ring for all. */
static ssize_t receive_left_over(struct stream *stream, const struct pieces *pieces, int flags)
{
	struct pieces limited;
	ssize_t count;

	if (pieces->total == 0)
		return 0;
	pieces_limit(pieces, (size_t)stream->record->left_over, &limited);
	count = receive_tcp(stream->bell.stand, &limited, flags & MSG_PEEK);
	if (count > 0 && (flags & MSG_PEEK) == 0)
		stream->record->left_over -= (uint64_t)count;
	if (stream->record->left_over == 0 && stream->parked < 0)
		bell_close(&stream->bell);
	return count;
}

/* Without waiting. ECHANGED: look again, with both locks. */
static ssize_t receive_now(struct stream *stream, int fd, struct pieces *pieces, int flags,
			   bool both)
{
	enum stage stage = stream_stage(stream);
	ssize_t count;
	int error;

	if (stream->owed_error != 0 && stream->incoming == INCOMING_TCP)
		return stream_pay_error(stream);
	if (stage != STAGE_GREETED && stage != STAGE_RING) {
		if (!sharing_is_ours(stream)) {
			errno = EELSEWHERE;
			return -1;
		}
		if (stream->record->left_over > 0)
			return receive_left_over(stream, pieces, flags);
		count = receive_tcp(stream_tcp(stream, fd), pieces, flags);
		count_tcp(stream, count, flags);
		return count;
	}
	if (stream->incoming == INCOMING_RING) {
		if (both)
			ring_look_for_bytes(stream);
		if (stream->incoming == INCOMING_RING)
			count = receive_ring(stream, pieces, flags);
		else
			return receive_now(stream, fd, pieces, flags, both);
	} else if (!both) {
		errno = ECHANGED;
		return -1;
	} else if (stream->incoming == INCOMING_TCP) {
		count = receive_tcp(stream_tcp(stream, fd), pieces, flags);
		count_tcp(stream, count, flags);
	} else {
		count = receive_guarded(stream, fd, pieces, flags);
	}
	error = errno;
	if (stream_stage(stream) == STAGE_RING && both)
		ready_show(stream);
	else if (stream_stage(stream) == STAGE_RING && (count >= 0 || error == EAGAIN))
		show_readable(stream);
	errno = error;
	return count;
}

static ssize_t receive_locked(struct stream *stream, int fd, struct pieces *pieces, int flags)
{
	ssize_t count;
	int error;

	for (int look = 0;; look++) {
		bool both = look > 0;

		if (both)
			stream_lock(stream);
		else
			stream_lock_in(stream);
		count = receive_now(stream, fd, pieces, flags, both);
		error = errno;
		if (both)
			stream_unlock(stream);
		else
			stream_unlock_in(stream);
		errno = error;
		if (count < 0 && error == EELSEWHERE && sharing_take_back(stream) == 0)
			continue;
		if (count >= 0 || error != ECHANGED)
			return count;
	}
}

ssize_t transfer_receive(struct stream *stream, int fd, const struct iovec *iov, size_t count,
			 int flags)
{
	bool may_wait = true, asked = false;
	int64_t until = NO_LIMIT;
	struct pieces pieces;
	size_t received = 0;
	ssize_t got;

	if (pieces_set(&pieces, iov, count) != 0)
		return -1;
	for (;;) {
		int waited;

		got = receive_locked(stream, fd, &pieces, flags);
		if (got == 0 || (got < 0 && errno != EAGAIN))
			break;
		if (got > 0 && (flags & MSG_PEEK) == 0) {
			received += (size_t)got;
			pieces_advance(&pieces, (size_t)got);
		}
		if (got > 0 && ((flags & MSG_WAITALL) == 0 || (size_t)got == pieces.total ||
				pieces.total == 0))
			break;
		if (!asked) {
			may_wait = wait_allowed(fd, flags);
			until = wait_limit(stream, fd, SO_RCVTIMEO);
			asked = true;
		}
		if (!may_wait)
			break;
		if (got > 0 && (flags & MSG_PEEK) != 0)
			waited = wait_for_more(until);
		else
			waited = got > 0 ? 0 : wait_for(fd, POLLIN, until);
		if (waited != 0) {
			if (got > 0)
				break;
			got = -1;
			break;
		}
	}
	return received > 0 ? (ssize_t)received : got;
}
