/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How much is under way: FIONREAD and SIOCOUTQ. */
#include "preload/transfer.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <limits.h>

#include "preload/border.h"
#include "preload/leftover.h"
#include "preload/real.h"
#include "preload/ring.h"
#include "preload/sharing.h"
#include "preload/stream.h"

static int tcp_queued(int tcp, unsigned long which)
{
	int queued = 0;

	return real.ioctl(tcp, which, &queued) == 0 ? queued : 0;
}

/* In order: TCP up to the switch, the ring, and, once the other end left that, TCP again. */
static uint64_t with_ring(struct stream *stream, uint64_t tcp)
{
	struct xsock_info info = { 0 };
	uint64_t before = stream->incoming == INCOMING_UNTIL ? stream->tcp_left : 0;

	if (tcp < before || xsock_get_info(stream->ring, &info, sizeof info) != 0)
		return tcp < before ? tcp : before;
	return before + info.bytes_to_receive +
	       (border_ring_ends(stream, info.bytes_to_receive) ? tcp - before : 0);
}

uint64_t queued_in(struct stream *stream, int tcp)
{
	uint64_t queued = (uint64_t)tcp_queued(tcp, SIOCINQ);

	if (stream_stage(stream) == STAGE_RING && stream->incoming >= INCOMING_UNTIL)
		return with_ring(stream, queued);
	return leftover_queued(stream->record, (size_t)queued);
}

int transfer_queued_in(struct stream *stream, int fd)
{
	uint64_t queued;

	sharing_take_back(stream);
	stream_lock(stream);
	if (stream_stage(stream) == STAGE_GREETED || stream_stage(stream) == STAGE_RING)
		ring_look_for_bytes(stream);
	queued = queued_in(stream, stream_tcp(stream, fd));
	stream_unlock(stream);
	return queued < INT_MAX ? (int)queued : INT_MAX;
}

int transfer_queued_out(struct stream *stream, int fd)
{
	struct xsock_info info = { 0 };
	uint64_t queued;

	sharing_take_back(stream);
	stream_lock(stream);
	queued = (uint64_t)tcp_queued(stream_tcp(stream, fd), SIOCOUTQ);
	if (stream->outgoing == OUTGOING_RING &&
	    xsock_get_info(stream->ring, &info, sizeof info) == 0)
		queued += info.send_ring - info.bytes_to_send;
	queued += stream->stash_end - stream->stash_at;
	stream_unlock(stream);
	return queued < INT_MAX ? (int)queued : INT_MAX;
}
