/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "preload/border.h"

#include <errno.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>

#include "preload/leftover.h"
#include "preload/pieces.h"
#include "preload/ready.h"
#include "preload/real.h"
#include "preload/transfer.h"

/* After all that is there was taken, or behind what was looked at. */
static bool ring_ends(struct stream *stream, size_t looked_at)
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
				   !ring_ends(stream, peeked ? source->count : 0)))
		return false;
	return leftover_size(stream->record) > 0 || !border_only_error_left(tcp);
}

/* What is asked for is only how much there is, with MSG_TRUNC. */
static ssize_t look_at_ring(struct stream *stream, const struct pieces *rest, int flags)
{
	if ((flags & MSG_TRUNC) != 0)
		return pieces_discard(stream->ring, rest, MSG_PEEK);
	return xsock_recvv(stream->ring, rest->entries, (int)rest->count, MSG_PEEK | MSG_DONTWAIT);
}

size_t border_peek_behind(struct stream *stream, int tcp, const struct source *source)
{
	struct pieces rest = *source->pieces;
	struct msghdr message = { .msg_iov = rest.entries };
	ssize_t more;

	if (source->count >= rest.total)
		return 0;
	pieces_advance(&rest, source->count);
	message.msg_iovlen = rest.count;
	if (leftover_size(stream->record) > 0 && stream->record->left_tcp > 0)
		return leftover_peek_behind(stream->record, &rest, source->flags);
	if (!source->left_over && stream->incoming == INCOMING_UNTIL)
		more = look_at_ring(stream, &rest, source->flags);
	else
		more = real.recvmsg(tcp, &message,
				    (source->flags & (MSG_PEEK | MSG_TRUNC)) | MSG_DONTWAIT);
	return more > 0 ? (size_t)more : 0;
}

bool border_is_end(struct stream *stream, int tcp, size_t count)
{
	return ready_tcp_over(tcp) && queued_in(stream, tcp) <= count;
}
