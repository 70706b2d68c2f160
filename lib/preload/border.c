/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "preload/border.h"

#include <errno.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "preload/leftover.h"
#include "preload/pieces.h"
#include "preload/ready.h"
#include "preload/real.h"
#include "preload/transfer.h"

bool border_ring_ends(struct stream *stream, size_t looked_at)
{
	struct xsock_info info = { 0 };
	ssize_t count;
	char byte;

	if (looked_at == 0) {
		count = xsock_recv(stream->ring, &byte, 1, MSG_DONTWAIT | MSG_PEEK);
		return count == 0 || (count < 0 && errno != EAGAIN);
	}
	xsock_get_info(stream->ring, &info, sizeof info);
	return info.recv_cut == XSOCK_CUT_BY_SENDER && info.bytes_to_receive == looked_at;
}

bool border_only_error_left(int tcp)
{
	int queued = 0;

	return ready_tcp_broken(tcp) && real.ioctl(tcp, SIOCINQ, &queued) == 0 && queued == 0;
}

bool border_reached(struct stream *stream, int tcp, const struct source *source)
{
	bool peeked = (source->flags & MSG_PEEK) != 0;

	if (source->count >= source->pieces->total)
		return source->pieces->rest_count > 0;
	if (!source->left_over && source->incoming == INCOMING_UNTIL)
		return stream->incoming == INCOMING_RING || source->count == stream->tcp_left;
	if (source->left_over && stream->record->left_tcp == source->count && peeked)
		return true;
	if (!source->left_over && (source->incoming != INCOMING_RING ||
				   !border_ring_ends(stream, peeked ? source->count : 0)))
		return false;
	return leftover_size(stream->record) > 0 || !border_only_error_left(tcp);
}

/* Of TCP what is behind its first `skipped` bytes. */
static ssize_t peek_tcp(int tcp, size_t skipped, struct pieces *rest, int flags)
{
	struct iovec entries[1 + PIECES_AT_A_TIME] = { { .iov_len = skipped } };
	struct msghdr message = { .msg_iov = entries, .msg_iovlen = 1 + rest->count };
	ssize_t count;

	if (border_only_error_left(tcp))
		return 0;
	memcpy(entries + 1, rest->entries, rest->count * sizeof *entries);
	if (skipped > 0)
		entries[0].iov_base = malloc(skipped);
	if (skipped > 0 && entries[0].iov_base == NULL)
		return 0;
	count = real.recvmsg(tcp, &message, MSG_PEEK | (flags & MSG_TRUNC) | MSG_DONTWAIT);
	free(entries[0].iov_base);
	return count > (ssize_t)skipped ? count - (ssize_t)skipped : 0;
}

/* What is asked for is only how much there is, with MSG_TRUNC. */
static ssize_t peek_ring(struct stream *stream, const struct pieces *rest, int flags)
{
	if ((flags & MSG_TRUNC) != 0)
		return pieces_discard(stream->ring, rest, MSG_PEEK);
	return xsock_recvv(stream->ring, rest->entries, (int)rest->count, MSG_PEEK | MSG_DONTWAIT);
}

/* TCP in front of what is to be peeked at first, in the ring or left over of it; then TCP again. */
size_t border_peek_behind(struct stream *stream, int tcp, const struct source *source)
{
	struct pieces rest = *source->pieces;
	bool left_over = leftover_size(stream->record) > 0;
	size_t before = left_over ? (size_t)stream->record->left_tcp : (size_t)stream->tcp_left;
	ssize_t more = 0;

	if (source->count >= rest.total)
		return 0;
	pieces_advance(&rest, source->count);
	if (left_over && before > 0)
		more = (ssize_t)leftover_peek_behind(stream->record, &rest, source->flags);
	else if (!left_over && stream->incoming == INCOMING_UNTIL)
		more = peek_ring(stream, &rest, source->flags);
	else
		return (size_t)peek_tcp(tcp, 0, &rest, source->flags);
	if (more < 0)
		more = 0;
	if ((size_t)more >= rest.total || (!left_over && !border_ring_ends(stream, (size_t)more)))
		return (size_t)more;
	pieces_advance(&rest, (size_t)more);
	return (size_t)(more + peek_tcp(tcp, before, &rest, source->flags));
}

bool border_is_end(struct stream *stream, int tcp, size_t count)
{
	return ready_tcp_over(tcp) && queued_in(stream, tcp) <= count;
}
