/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "preload/transfer.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "preload/helper.h"
#include "preload/pieces.h"
#include "preload/ready.h"
#include "preload/real.h"
#include "preload/ring.h"
#include "preload/sharing.h"
#include "preload/stream.h"
#include "preload/table.h"
#include "preload/waiting.h"

#define FILE_CHUNK ((size_t)64 << 10)

static ssize_t send_tcp(struct stream *stream, int tcp, const struct pieces *pieces, int flags)
{
	struct msghdr message = { .msg_iov = (struct iovec *)(uintptr_t)pieces->entries,
				  .msg_iovlen = pieces->count };
	ssize_t count = real.sendmsg(tcp, &message, flags | MSG_DONTWAIT);

	if (count > 0)
		stream->tcp_sent += (uint64_t)count;
	return count;
}

/* As TCP has it, and xsock_poll: a block sent after POLLOUT does not wait. */
static bool has_room(const struct stream *stream)
{
	struct xsock_info info;

	/* Each send comes here: it asks for no more than it needs. */
	return xsock_get_info(stream->ring, &info, offsetof(struct xsock_info, accepted)) != 0 ||
	       info.bytes_to_send >= info.send_ring / 3;
}

static void await_room(struct stream *stream)
{
	bell_set_writable(&stream->bell, false);
	helper_ask_for_space(stream, true);
	/* Room that came before it was asked for comes with no event. */
	if (ready_to_write(stream)) {
		helper_ask_for_space(stream, false);
		bell_set_writable(&stream->bell, true);
	}
}

static ssize_t send_ring(struct stream *stream, const struct pieces *pieces)
{
	ssize_t count;

	if (pieces->nowhere) {
		errno = EFAULT;
		return -1;
	}
	count = xsock_sendv(stream->ring, pieces->entries, (int)pieces->count, MSG_DONTWAIT);
	if (count >= 0) {
		stream->carried += (uint64_t)count;
		stream->ring_sent += (uint64_t)count;
	} else if (errno != EAGAIN) {
		errno = ECHANGED;
		return -1;
	}
	if (count < (ssize_t)pieces->total || !has_room(stream)) {
		await_room(stream);
		errno = EAGAIN;
	}
	return count;
}

/* Without waiting. ECHANGED: the ring takes no more, look again with both locks. */
static ssize_t send_now(struct stream *stream, int fd, const struct pieces *pieces, int flags)
{
	enum stage stage = stream_stage(stream);
	ssize_t count;

	if (stream->record->owed_error != 0 && stream->outgoing == OUTGOING_TCP)
		return stream_pay_error(stream);
	if (stage != STAGE_GREETED && stage != STAGE_RING && !sharing_is_ours(stream)) {
		errno = EELSEWHERE;
		return -1;
	}
	if (stream->outgoing == OUTGOING_RING && !stream->shut_write)
		return send_ring(stream, pieces);
	if (stream->outgoing == OUTGOING_STASH && !stream->shut_write) {
		errno = EAGAIN;
		return -1;
	}
	if (stream->record->peer_died)
		return stream_tell_death(stream, stream_tcp(stream, fd));
	count = send_tcp(stream, stream_tcp(stream, fd), pieces, flags);
	if (stream->bell.driver >= 0 && count < (ssize_t)pieces->total &&
	    (count >= 0 || errno == EAGAIN)) {
		int error = errno;

		bell_set_writable(&stream->bell, false);
		errno = error;
	}
	return count;
}

static ssize_t send_locked(struct stream *stream, int *fd, const struct pieces *pieces, int flags)
{
	for (;;) {
		ssize_t count;
		int error;

		stream_lock_out(stream);
		*fd = table_number(stream, *fd);
		errno = EBADF;
		count = *fd < 0 ? -1 : send_now(stream, *fd, pieces, flags);
		error = errno;
		stream_unlock_out(stream);
		errno = error;
		if (count < 0 && error == EELSEWHERE && sharing_take_back(stream) == 0)
			continue;
		if (count >= 0 || error != ECHANGED)
			return count;
		stream_lock(stream);
		ring_outgoing_over(stream);
		stream_unlock(stream);
	}
}

ssize_t transfer_send(struct stream *stream, int fd, const struct iovec *iov, size_t count,
		      int flags)
{
	bool may_wait = true, asked = false;
	int64_t until = NO_LIMIT;
	struct pieces pieces;
	size_t sent = 0;
	ssize_t got = 0;

	if (pieces_set(&pieces, iov, count) != 0)
		return -1;
	do {
		got = send_locked(stream, &fd, &pieces, flags);
		if (got < 0 && errno != EAGAIN)
			break;
		if (got > 0) {
			sent += (size_t)got;
			pieces_advance(&pieces, (size_t)got);
			continue;
		}
		if (pieces.total == 0)
			break;
		if (!asked) {
			may_wait = wait_allowed(stream, fd, flags);
			until = wait_limit(stream, fd, SO_SNDTIMEO);
			asked = true;
			errno = EAGAIN;
		}
		if (!may_wait || wait_for(stream, fd, POLLOUT, until) != 0)
			break;
	} while (pieces.total > 0);
	return sent > 0 ? (ssize_t)sent : got;
}

/* ------------------------------------------------------------------ from a file */

ssize_t transfer_send_file(struct stream *stream, int fd, int file, off_t *offset, size_t length)
{
	char *chunk = malloc(FILE_CHUNK);
	off_t at = offset != NULL ? *offset : lseek(file, 0, SEEK_CUR);
	ssize_t got = 0;
	size_t sent = 0;

	if (chunk == NULL || at < 0) {
		free(chunk);
		errno = chunk == NULL ? ENOMEM : EINVAL;
		return -1;
	}
	while (sent < length) {
		size_t wanted = length - sent < FILE_CHUNK ? length - sent : FILE_CHUNK;
		struct iovec piece = { .iov_base = chunk };

		got = pread(file, chunk, wanted, at);
		if (got <= 0)
			break;
		piece.iov_len = (size_t)got;
		got = transfer_send(stream, fd, &piece, 1, 0);
		if (got < 0)
			break;
		sent += (size_t)got;
		at += got;
		if ((size_t)got < piece.iov_len)
			break;
	}
	if (offset != NULL)
		*offset = at;
	else
		lseek(file, at, SEEK_SET);
	free(chunk);
	return sent > 0 ? (ssize_t)sent : got;
}

/* ------------------------------------------------------------------ half-close, queues */

static int shutdown_ring(struct stream *stream, int fd, int how)
{
	int result = 0, error;

	if (how != SHUT_RD) {
		ring_end_outgoing(stream);
		stream->shut_write = true;
		stream->shut_stashed = stream->outgoing == OUTGOING_STASH;
		bell_set_writable(&stream->bell, true);
		real.shutdown(stream->bell.stand, SHUT_WR);
	}
	if (how != SHUT_WR) {
		stream->shut_read = true;
		bell_end(&stream->bell);
	}
	if (!stream->shut_stashed)
		result = real.shutdown(stream_tcp(stream, fd), how);
	else if (how == SHUT_RDWR)
		result = real.shutdown(stream_tcp(stream, fd), SHUT_RD);
	error = errno;
	ring_end_if_deaf(stream);
	errno = error;
	return result;
}

int transfer_shutdown(struct stream *stream, int fd, int how)
{
	int result, error;

	if (how != SHUT_RD && how != SHUT_WR && how != SHUT_RDWR) {
		errno = EINVAL;
		return -1;
	}
	if (sharing_take_back(stream) != 0)
		return -1;
	stream_lock(stream);
	/* By the kernel's counters a FIN is a byte: no way on to the ring any more. */
	if (stream_stage(stream) == STAGE_GREETED)
		ring_leave(stream, NULL);
	if (stream_stage(stream) == STAGE_RING)
		result = shutdown_ring(stream, fd, how);
	else
		result = real.shutdown(stream_tcp(stream, fd), how);
	error = errno;
	ring_restore_if_over(stream);
	stream_unlock(stream);
	errno = error;
	return result;
}
