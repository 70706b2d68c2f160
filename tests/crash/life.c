/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "life.h"

#include "contract/side.h"
#include "integration/stream.h"

#include <errno.h>
#include <string.h>

#define PIECE 9000u /* bytes of one call, at most */

/* ------------------------------------------------------------------ the stream's bytes */

static void fill(const struct stream *stream, uint64_t from, void *buffer, size_t length)
{
	const uint64_t header[2] = { stream->tag, stream->length };
	char *at = buffer;

	for (; from < STREAM_HEADER && length > 0; from++, length--)
		*at++ = ((const char *)header)[from];
	stream_fill(stream->tag, from, at, length);
}

static void take_header(struct stream *stream, const char **at, size_t *length)
{
	for (; stream->at<STREAM_HEADER && * length> 0; ++*at, --*length, stream->at++) {
		char *word = stream->at < 8 ? (char *)&stream->tag : (char *)&stream->length;

		word[stream->at % 8] = **at;
	}
}

static void check(struct stream *stream, const void *bytes, size_t length)
{
	const char *at = bytes;

	take_header(stream, &at, &length);
	if (length == 0)
		return;
	CHECK(stream_matches(stream->tag, stream->at, at, length));
	stream->at += length;
	CHECK(stream->at <= stream->length);
}

/* ------------------------------------------------------------------ one call */

static int flags(const struct life *life)
{
	bool waits = life->plan->waiting == WAIT_IN_CALLS && life->plan->flow != FLOW_BOTH;

	return waits ? 0 : MSG_DONTWAIT;
}

static int cut_up(struct iovec pieces[3], char *block, size_t length)
{
	size_t third = length / 3;

	pieces[0] = (struct iovec){ block, third };
	pieces[1] = (struct iovec){ block + third, third };
	pieces[2] = (struct iovec){ block + 2 * third, length - 2 * third };
	return 3;
}

static void note_begun(const struct life *life, size_t length)
{
	if (life->account)
		atomic_store(&life->account->begun, life->out.at + length);
}

static void note_done(const struct life *life)
{
	if (life->account)
		atomic_store(&life->account->done, life->out.at);
}

static ssize_t put_copies(struct life *life, size_t length)
{
	char block[PIECE];
	struct iovec pieces[3];

	fill(&life->out, life->out.at, block, length);
	note_begun(life, length);
	if (life->plan->way == WAY_COPY)
		return xsock_send(life->socket, block, length, flags(life));
	return xsock_sendv(life->socket, pieces, cut_up(pieces, block, length), flags(life));
}

static ssize_t put_in_place(struct life *life, size_t length)
{
	struct iovec span[2];
	ssize_t room = xsock_send_reserve(life->socket, span, 1, flags(life));
	size_t first;

	if (room < 0)
		return room;
	length = length < (size_t)room ? length : (size_t)room;
	first = length < span[0].iov_len ? length : span[0].iov_len;
	fill(&life->out, life->out.at, span[0].iov_base, first);
	fill(&life->out, life->out.at + first, span[1].iov_base, length - first);
	note_begun(life, length);
	return xsock_send_commit(life->socket, length) == 0 ? (ssize_t)length : -1;
}

static ssize_t get_copies(struct life *life, size_t length)
{
	char block[PIECE];
	struct iovec pieces[3];
	ssize_t count;

	if (life->plan->way == WAY_COPY)
		count = xsock_recv(life->socket, block, length, flags(life));
	else
		count = xsock_recvv(life->socket, pieces, cut_up(pieces, block, length),
				    flags(life));
	if (count > 0)
		check(&life->in, block, (size_t)count);
	return count;
}

static ssize_t get_in_place(struct life *life)
{
	struct iovec span[2];
	ssize_t there = xsock_recv_peek(life->socket, span, 1, flags(life));

	if (there <= 0)
		return there;
	check(&life->in, span[0].iov_base, span[0].iov_len);
	check(&life->in, span[1].iov_base, span[1].iov_len);
	CHECK(xsock_recv_consume(life->socket, (size_t)there) == 0);
	return there;
}

/* ------------------------------------------------------------------ going on */

/* True when the call did not have to wait. */
static bool went_on(struct stream *stream, ssize_t count, int *error)
{
	if (count >= 0)
		return true;
	if (errno == EAGAIN)
		return false;
	*error = errno;
	stream->open = false;
	return true;
}

static void end_sending(struct life *life)
{
	life->out.open = false;
	if (life->account)
		life->account->phase = PHASE_CLOSING;
	if (life->in.open)
		CHECK(xsock_shutdown(life->socket, SHUT_WR) == 0);
}

static bool send_some(struct life *life)
{
	uint64_t left = life->out.length - life->out.at;
	size_t length = 1 + stream_random(life->random, PIECE);
	ssize_t count;

	length = length < left ? length : left;
	count = life->plan->way == WAY_IN_PLACE ? put_in_place(life, length)
						: put_copies(life, length);
	if (count > 0) {
		life->out.at += (uint64_t)count;
		note_done(life);
	}
	if (life->out.at == life->out.length)
		end_sending(life);
	return went_on(&life->out, count, &life->out_error);
}

static bool receive_some(struct life *life)
{
	size_t length = 1 + stream_random(life->random, PIECE);
	ssize_t count =
		life->plan->way == WAY_IN_PLACE ? get_in_place(life) : get_copies(life, length);

	if (count == 0) {
		CHECK(life->in.at >= STREAM_HEADER && life->in.at == life->in.length);
		life->in.open = false;
	}
	if (life->in.at >= life->enough)
		life->in.open = false;
	return went_on(&life->in, count, &life->in_error);
}

static void wait_on(struct life *life)
{
	short events = (short)((life->in.open ? POLLIN : 0) | (life->out.open ? POLLOUT : 0));
	struct xsock_pollfd entry = { .socket = life->socket, .events = events };
	struct pollfd descriptor = { .events = POLLIN };

	if (life->plan->waiting != WAIT_ON_DESCRIPTOR) {
		CHECK(xsock_poll(&entry, 1, WAIT_LIMIT) == 1);
		return;
	}
	descriptor.fd = xsock_fd(life->socket);
	CHECK(descriptor.fd >= 0);
	CHECK(xsock_set_events(life->socket, events) == 0);
	CHECK(poll(&descriptor, 1, WAIT_LIMIT) == 1);
}

void life_live(struct life *life)
{
	while (life->out.open || life->in.open) {
		bool moved = false;

		if (life->in.open)
			moved = receive_some(life);
		if (life->out.open)
			moved = send_some(life) || moved;
		if (!moved)
			wait_on(life);
	}
}
