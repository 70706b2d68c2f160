/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Many bytes by every call there is, in random order and sizes, both ways at once; the receiver
 * checks each byte. A wait for a part of the ring never wants more than half of it, or two waits
 * for opposite ends could both be in vain.
 */
#include "scenarios.h"

#include "api/socket.h"
#include "conn/exchange.h"
#include "pair.h"
#include "stream.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct flow {
	struct xsock *socket;
	bool changes; /* its rings are changed all the time */
	uint64_t seed, done, total;
	uint64_t random;
	size_t ring;
	uint8_t *buffer; /* of twice the ring */
};

static size_t any_length(struct flow *flow, size_t limit)
{
	uint64_t left = flow->total - flow->done;
	/* As often tiny as large. */
	uint64_t scale = (uint64_t)1 << stream_random(&flow->random, 22);
	size_t length = 1 + stream_random(&flow->random, scale);

	if (length > limit)
		length = 1 + length % limit;
	return length < left ? length : left;
}

static int cut(struct flow *flow, struct iovec pieces[8], size_t length)
{
	uint8_t *at = flow->buffer;
	int count = 0;

	while (count < 7 && length > 0) {
		size_t part = stream_random(&flow->random, length + 1);

		pieces[count++] = (struct iovec){ .iov_base = at, .iov_len = part };
		at += part;
		length -= part;
	}
	pieces[count++] = (struct iovec){ .iov_base = at, .iov_len = length };
	return count;
}

/* Without a limit on how many there are in a time. */
static void allow_changes(struct xsock *socket)
{
	struct growth *growth = socket->connection->growth;

	for (int sending = 0; sending < 2; sending++) {
		growth[sending].period = (struct deadline){ .never = true };
		growth[sending].exchanges = INT_MIN;
	}
}

/* A wish for a ring of any size. */
static void change_ring(struct flow *flow)
{
	struct connection *connection = flow->socket->connection;
	struct growth *growth = &connection->growth[true];
	uint32_t pages = 1u << stream_random(&flow->random, 9);

	pthread_mutex_lock(&connection->out_lock);
	if (exchange_idle(connection, growth) && exchange_pages_valid(growth, pages))
		exchange_wish(connection, growth, pages);
	pthread_mutex_unlock(&connection->out_lock);
}

/* -- sending ---------------------------------------------------------------------------------- */

static void send_plain(struct flow *flow, int flags)
{
	size_t length = any_length(flow, 2 * flow->ring);

	stream_fill(flow->seed, flow->done, flow->buffer, length);
	CHECK_RESULT(xsock_send(flow->socket, flow->buffer, length, flags), (long)length);
	flow->done += length;
}

static void send_pieces(struct flow *flow)
{
	size_t length = any_length(flow, 2 * flow->ring);
	struct iovec pieces[8];
	int count = cut(flow, pieces, length);

	stream_fill(flow->seed, flow->done, flow->buffer, length);
	CHECK_RESULT(xsock_sendv(flow->socket, pieces, count, 0), (long)length);
	flow->done += length;
}

static void send_in_place(struct flow *flow)
{
	size_t want = any_length(flow, flow->ring / 2), length;
	struct iovec span[2];
	ssize_t size = xsock_send_reserve(flow->socket, span, want, 0);

	CHECK(size >= (ssize_t)want);
	CHECK(span[0].iov_len + span[1].iov_len == (size_t)size);
	length = any_length(flow, (size_t)size);
	stream_fill(flow->seed, flow->done, flow->buffer, length);
	if (length <= span[0].iov_len) {
		memcpy(span[0].iov_base, flow->buffer, length);
	} else {
		memcpy(span[0].iov_base, flow->buffer, span[0].iov_len);
		memcpy(span[1].iov_base, flow->buffer + span[0].iov_len, length - span[0].iov_len);
	}
	CHECK_RESULT(xsock_send_commit(flow->socket, length), 0);
	flow->done += length;
}

static void send_without_waiting(struct flow *flow)
{
	size_t length = any_length(flow, 2 * flow->ring);
	ssize_t count;

	stream_fill(flow->seed, flow->done, flow->buffer, length);
	count = xsock_send(flow->socket, flow->buffer, length, MSG_DONTWAIT);
	if (count < 0) {
		CHECK(errno == EAGAIN);
		CHECK(await_ready(flow->socket, POLLOUT) & POLLOUT);
		return;
	}
	CHECK(count > 0 && (size_t)count <= length);
	flow->done += (uint64_t)count;
}

static void *send_flow(void *argument)
{
	struct flow *flow = argument;

	while (flow->done < flow->total) {
		if (flow->changes)
			change_ring(flow);
		switch (stream_random(&flow->random, 5)) {
		case 0:
			send_plain(flow, 0);
			break;
		case 1:
			send_plain(flow, MSG_MORE);
			break;
		case 2:
			send_pieces(flow);
			break;
		case 3:
			send_in_place(flow);
			break;
		default:
			send_without_waiting(flow);
		}
	}
	CHECK_RESULT(xsock_shutdown(flow->socket, SHUT_WR), 0);
	return NULL;
}

/* -- receiving -------------------------------------------------------------------------------- */

static void take(struct flow *flow, ssize_t count)
{
	if (count <= 0)
		CHECK_RESULT(count, 1);
	CHECK(stream_matches(flow->seed, flow->done, flow->buffer, (size_t)count));
	flow->done += (uint64_t)count;
}

static void receive_pieces(struct flow *flow)
{
	struct iovec pieces[8];
	int count = cut(flow, pieces, any_length(flow, 2 * flow->ring));

	take(flow, xsock_recvv(flow->socket, pieces, count, 0));
}

static void receive_twice(struct flow *flow, size_t limit, int flags)
{
	size_t length = any_length(flow, limit);
	ssize_t count = xsock_recv(flow->socket, flow->buffer, length, MSG_PEEK | flags);

	CHECK(count > 0 && (count == (ssize_t)length || flags == 0));
	CHECK(stream_matches(flow->seed, flow->done, flow->buffer, (size_t)count));
	memset(flow->buffer, 0, (size_t)count);
	CHECK_RESULT(xsock_recv(flow->socket, flow->buffer, (size_t)count, 0), count);
	take(flow, count);
}

static void receive_in_place(struct flow *flow)
{
	size_t want = any_length(flow, flow->ring / 2), length;
	struct iovec span[2];
	ssize_t size = xsock_recv_peek(flow->socket, span, want, 0);

	CHECK(size >= (ssize_t)want);
	CHECK(span[0].iov_len + span[1].iov_len == (size_t)size);
	CHECK(stream_matches(flow->seed, flow->done, span[0].iov_base, span[0].iov_len));
	CHECK(stream_matches(flow->seed, flow->done + span[0].iov_len, span[1].iov_base,
			     span[1].iov_len));
	length = any_length(flow, (size_t)size);
	CHECK_RESULT(xsock_recv_consume(flow->socket, length), 0);
	flow->done += length;
}

static void receive_without_waiting(struct flow *flow)
{
	size_t length = any_length(flow, 2 * flow->ring);
	ssize_t count = xsock_recv(flow->socket, flow->buffer, length, MSG_DONTWAIT);

	if (count < 0) {
		CHECK(errno == EAGAIN);
		CHECK(await_ready(flow->socket, POLLIN) & POLLIN);
	} else {
		take(flow, count);
	}
}

static void receive_all(struct flow *flow)
{
	size_t length = any_length(flow, 2 * flow->ring);

	CHECK_RESULT(xsock_recv(flow->socket, flow->buffer, length, MSG_WAITALL), (long)length);
	take(flow, (ssize_t)length);
}

static void receive_flow(struct flow *flow)
{
	while (flow->done < flow->total) {
		switch (stream_random(&flow->random, 7)) {
		case 0:
			take(flow, xsock_recv(flow->socket, flow->buffer,
					      any_length(flow, 2 * flow->ring), 0));
			break;
		case 1:
			receive_pieces(flow);
			break;
		case 2:
			receive_twice(flow, 2 * flow->ring, 0);
			break;
		case 3:
			receive_twice(flow, flow->ring / 2, MSG_WAITALL);
			break;
		case 4:
			receive_in_place(flow);
			break;
		case 5:
			receive_all(flow);
			break;
		default:
			receive_without_waiting(flow);
		}
	}
	CHECK_RESULT(xsock_recv(flow->socket, flow->buffer, 1, 0), 0);
}

/* -- both ------------------------------------------------------------------------------------- */

static struct flow new_flow(struct xsock *socket, uint64_t seed, uint64_t total, size_t ring)
{
	struct flow flow = { .socket = socket, .seed = seed, .total = total, .ring = ring };

	flow.random = (uint64_t)now_us() * 2 + seed;
	flow.buffer = malloc(2 * ring);
	CHECK(flow.buffer);
	return flow;
}

static void exchange(struct side *side, size_t ring, size_t start, uint64_t total,
		     enum xsock_role role_of_a)
{
	bool is_a = side->letter == 'a';
	enum xsock_role other = role_of_a == XSOCK_ROLE_MAP ? XSOCK_ROLE_GRANT : XSOCK_ROLE_MAP;
	struct xsock_options options = { .send_ring = ring,
					 .recv_ring = ring,
					 .ring_start = start,
					 .role = is_a ? role_of_a : other };
	struct xsock *socket = open_pair(side, &options);
	struct flow out = new_flow(socket, is_a, total, ring);
	struct flow in = new_flow(socket, !is_a, total, ring);
	pthread_t sender;

	out.changes = start != 0;
	if (out.changes)
		allow_changes(socket);
	meet_over(socket);
	CHECK_RESULT(pthread_create(&sender, NULL, send_flow, &out), 0);
	receive_flow(&in);
	CHECK_RESULT(pthread_join(sender, NULL), 0);
	/* And the one of the meeting. */
	CHECK_RESULT(info_of(socket).bytes_sent, total + 1);
	CHECK_RESULT(info_of(socket).bytes_received, total + 1);
	if (start != 0)
		CHECK(info_of(socket).send_ring_changes > 0);
	CHECK_RESULT(xsock_close(socket), 0);
	free(out.buffer);
	free(in.buffer);
}

static void exchange_as(struct side *side, enum xsock_role role_of_a)
{
	unsigned share = side->brief ? 16 : 1;

	exchange(side, 4096, 0, ((size_t)1 << 20) / share, role_of_a);
	exchange(side, 65536, 0, ((size_t)16 << 20) / share, role_of_a);
	exchange(side, (size_t)1 << 20, 0, ((size_t)32 << 20) / share, role_of_a);
}

void bulk_a_grants(struct side *side)
{
	exchange_as(side, XSOCK_ROLE_GRANT);
}

void bulk_b_grants(struct side *side)
{
	exchange_as(side, XSOCK_ROLE_MAP);
}

static void exchange_growing(struct side *side, enum xsock_role role_of_a)
{
	unsigned share = side->brief ? 8 : 1;

	exchange(side, (size_t)1 << 20, 8192, ((size_t)64 << 20) / share, role_of_a);
}

void growth_bulk_a_grants(struct side *side)
{
	exchange_growing(side, XSOCK_ROLE_GRANT);
}

void growth_bulk_b_grants(struct side *side)
{
	exchange_growing(side, XSOCK_ROLE_MAP);
}
