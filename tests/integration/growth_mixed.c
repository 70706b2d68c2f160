/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Both directions at once, in all the ways to move bytes, while the rings are changed all the time. */
#include "scenarios.h"

#include "api/socket.h"
#include "conn/exchange.h"
#include "pair.h"
#include "stream.h"

#include <errno.h>
#include <pthread.h>

#define TOTAL 3000000
#define BLOCK 40000

struct half {
	struct xsock *socket;
	uint64_t done, random;
};

static void change_ring(struct half *half)
{
	struct connection *connection = half->socket->connection;
	struct growth *growth = &connection->growth[true];

	pthread_mutex_lock(&connection->out_lock);
	if (exchange_idle(connection, growth))
		exchange_wish(connection, growth, 1u << stream_random(&half->random, 9));
	pthread_mutex_unlock(&connection->out_lock);
}

static void fill_spans(const struct half *half, const struct iovec span[2], size_t length)
{
	size_t first = length < span[0].iov_len ? length : span[0].iov_len;

	stream_fill(1, half->done, span[0].iov_base, first);
	if (length > first)
		stream_fill(1, half->done + first, span[1].iov_base, length - first);
}

static ssize_t send_in_place(struct half *half, size_t length)
{
	struct iovec span[2];
	size_t want = stream_random(&half->random, 2) ? 1 : length;
	ssize_t free = xsock_send_reserve(half->socket, span, want, 0);

	/* So many changes a second are more than an end grants. */
	if (free < 0 && errno == EMSGSIZE)
		return 0;
	CHECK(free >= (ssize_t)want);
	if ((ssize_t)length > free)
		length = (size_t)free;
	fill_spans(half, span, length);
	CHECK_RESULT(xsock_send_commit(half->socket, length), 0);
	return (ssize_t)length;
}

static ssize_t send_some(struct half *half, size_t length)
{
	static const int flags[] = { 0, MSG_MORE, MSG_DONTWAIT };
	static _Thread_local char block[BLOCK];
	uint64_t way = stream_random(&half->random, 4);
	ssize_t count;

	if (way == 3)
		return send_in_place(half, length);
	stream_fill(1, half->done, block, length);
	count = xsock_send(half->socket, block, length, flags[way]);
	CHECK(count > 0 || errno == EAGAIN);
	return count < 0 ? 0 : count;
}

static void *send_all(void *argument)
{
	struct half *half = argument;

	while (half->done < TOTAL) {
		size_t length = 1 + stream_random(&half->random, BLOCK);

		if (length > TOTAL - half->done)
			length = TOTAL - half->done;
		change_ring(half);
		half->done += (uint64_t)send_some(half, length);
	}
	CHECK_RESULT(xsock_shutdown(half->socket, SHUT_WR), 0);
	return NULL;
}

/* From byte `from` of the spans on, which was not given back. */
static bool spans_match(const struct half *half, const struct iovec span[2], size_t from,
			size_t length)
{
	uint64_t at = half->done + from;

	for (int piece = 0; piece < 2 && length > from; piece++) {
		size_t end = length < span[piece].iov_len ? length : span[piece].iov_len;

		if (end > from && !stream_matches(1, at, (uint8_t *)span[piece].iov_base + from,
						  end - from))
			return false;
		at += end > from ? end - from : 0;
		from -= from < end ? from : end;
		length -= end;
	}
	return true;
}

/* Gives back what it peeked at in two steps: the ring may be changed in between. */
static ssize_t receive_in_place(struct half *half, size_t length)
{
	struct iovec span[2];
	ssize_t there = xsock_recv_peek(half->socket, span, 1, 0);
	size_t part;

	CHECK(there >= 0);
	if ((ssize_t)length > there)
		length = (size_t)there;
	part = length / 2;
	if (length == 0)
		return 0;
	CHECK(spans_match(half, span, 0, length));
	CHECK_RESULT(xsock_recv_consume(half->socket, part), 0);
	ready_now(half->socket, 0);
	CHECK(spans_match(half, span, part, length));
	CHECK_RESULT(xsock_recv_consume(half->socket, length - part), 0);
	return (ssize_t)length;
}

static ssize_t receive_some(struct half *half, size_t length)
{
	static const int flags[] = { 0, MSG_WAITALL, MSG_DONTWAIT, MSG_PEEK };
	static _Thread_local char block[BLOCK];
	uint64_t way = stream_random(&half->random, 5);
	ssize_t count;

	if (way == 4)
		return receive_in_place(half, length);
	count = xsock_recv(half->socket, block, length, flags[way]);
	if (count < 0 && errno == EAGAIN)
		return -1;
	CHECK(count >= 0);
	CHECK(stream_matches(1, half->done, block, (size_t)count));
	return count > 0 && flags[way] == MSG_PEEK ? -1 : count;
}

static void *receive_all(void *argument)
{
	struct half *half = argument;
	ssize_t count = 1;

	while (count != 0) {
		count = receive_some(half, 1 + stream_random(&half->random, BLOCK));
		half->done += count > 0 ? (uint64_t)count : 0;
	}
	CHECK_RESULT(half->done, TOTAL);
	return NULL;
}

static void both_ways(struct side *side, bool a_grants)
{
	bool grants = (side->letter == 'a') == a_grants;
	struct xsock_options options = { .role = grants ? XSOCK_ROLE_GRANT : XSOCK_ROLE_MAP,
					 .ring_start = 4096 };
	struct xsock *socket = open_pair(side, &options);
	struct half out = { .socket = socket, .random = (uint64_t)now_us() };
	struct half in = { .socket = socket, .random = ~(uint64_t)now_us() };
	pthread_t sender;

	CHECK_RESULT(pthread_create(&sender, NULL, send_all, &out), 0);
	receive_all(&in);
	pthread_join(sender, NULL);
	CHECK(info_of(socket).send_ring_changes > 0);
	CHECK(info_of(socket).recv_ring_changes > 0);
	meet(side, a_grants ? "granter-done" : "mapper-done");
	CHECK_RESULT(xsock_close(socket), 0);
}

void growth_mixed(struct side *side)
{
	both_ways(side, true);
	both_ways(side, false);
}
