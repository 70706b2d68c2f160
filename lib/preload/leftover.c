/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "preload/leftover.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "preload/pieces.h"
#include "preload/real.h"
#include "preload/record.h"
#include "preload/stream.h"

size_t leftover_size(const struct record *record)
{
	return (size_t)(record->left_end - record->left_at);
}

bool leftover_take(struct stream *stream)
{
	struct record *record = stream->record;
	struct xsock_info info = { 0 };
	char *area = record_area(record);
	ssize_t count;

	if (area == NULL || xsock_get_info(stream->ring, &info, sizeof info) != 0 ||
	    info.recv_ring > record_area_size())
		return false;
	record->left_tcp = stream->incoming == INCOMING_UNTIL ? stream->tcp_left : 0;
	record->left_at = record->left_end = 0;
	do {
		count = xsock_recv(stream->ring, area + record->left_end,
				   record_area_size() - record->left_end, MSG_DONTWAIT);
		if (count > 0)
			record->left_end += (uint64_t)count;
	} while (count > 0);
	stream->ring_received += record->left_end;
	return count == 0 || errno == EAGAIN || errno == ECONNRESET;
}

static size_t copy(const struct pieces *pieces, const char *bytes, size_t length, bool drop)
{
	size_t copied = 0;

	for (size_t at = 0; at < pieces->count && copied < length; at++) {
		size_t part = pieces->entries[at].iov_len;

		if (part > length - copied)
			part = length - copied;
		if (!drop)
			memcpy(pieces->entries[at].iov_base, bytes + copied, part);
		copied += part;
	}
	return copied;
}

static ssize_t receive_before(struct record *record, int tcp, const struct pieces *pieces, int flags)
{
	struct pieces limited;
	struct msghdr message = { .msg_iov = limited.entries };
	ssize_t count;

	pieces_limit(pieces, (size_t)record->left_tcp, &limited);
	message.msg_iovlen = limited.count;
	count = real.recvmsg(tcp, &message, flags | MSG_DONTWAIT);
	if (count > 0 && (flags & MSG_PEEK) == 0)
		record->left_tcp -= (uint64_t)count;
	return count;
}

ssize_t leftover_receive(struct record *record, int tcp, const struct pieces *pieces, int flags)
{
	size_t copied;

	if (record->left_tcp > 0)
		return receive_before(record, tcp, pieces, flags);
	if (pieces->nowhere) {
		errno = EFAULT;
		return -1;
	}
	copied = copy(pieces, record_area(record) + record->left_at, leftover_size(record),
		      (flags & MSG_TRUNC) != 0);
	if ((flags & MSG_PEEK) == 0)
		record->left_at += copied;
	if (leftover_size(record) == 0)
		record_area_clear(record);
	return (ssize_t)copied;
}

size_t leftover_peek_behind(struct record *record, const struct pieces *pieces, int flags)
{
	return copy(pieces, record_area(record) + record->left_at, leftover_size(record),
		    (flags & MSG_TRUNC) != 0);
}

size_t leftover_queued(const struct record *record, size_t tcp)
{
	if (leftover_size(record) == 0 || tcp < record->left_tcp)
		return tcp;
	return tcp + leftover_size(record);
}
