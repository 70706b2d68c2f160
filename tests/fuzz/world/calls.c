/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "calls.h"

#include <errno.h>
#include <poll.h>

#include "base/shared.h"
#include "input.h"
#include "lies.h"
#include "world.h"

/* An input of some KiB is some hundred calls. */
#define CALLS_MOST 1000
#define TIME_LIMIT 20 /* ms: as the ends have it */

static uint8_t pattern(enum side sender, uint64_t at)
{
	return (uint8_t)(at ^ at >> 8 ^ at >> 16) + (uint8_t)sender;
}

static enum side side_of(const struct ends *ends, const struct end *end)
{
	return end == &ends->end[SIDE_A] ? SIDE_A : SIDE_B;
}

/* Mostly small. */
static size_t length_from_input(void)
{
	uint8_t code = input_byte();
	size_t length = code;

	if (code >= 128)
		length = code < 224 ? input_16() : (size_t)input_16() << (code % 6);
	/* At worst they go one by one: a peer that makes room just in time is waited for no longer,
	 * but not left alone. */
	world_allow(length);
	return length;
}

/* A call that does not fail; one that does gives a reason that is one of the documented. */
static void check_result(const struct end *end, ssize_t result, size_t most)
{
	(void)end;
	if (result >= 0) {
		EXPECT((size_t)result <= most);
		return;
	}
	EXPECT(errno == EAGAIN || errno == ETIMEDOUT || errno == EINTR || errno == EPIPE ||
	       errno == ECONNRESET || errno == EPROTO || errno == EOPNOTSUPP || errno == ENOTCONN ||
	       errno == EMSGSIZE || errno == EINVAL || errno == EBUSY || errno == EDQUOT);
	/* Only a liar is called one. */
	EXPECT(errno != EPROTO || lies_told());
	EXPECT(*xsock_last_error() != '\0');
}

static void check_bytes(enum side sender, uint64_t from, const uint8_t *bytes, size_t count)
{
	for (size_t at = 0; at < count && !lies_told(); at++)
		EXPECT(bytes[at] == pattern(sender, from + at));
}

/* In up to three pieces. */
static int cut_up(uint8_t *bytes, size_t length, struct iovec pieces[3])
{
	size_t first = length, second = 0;

	if (input_below(4) == 0 && length > 0) {
		first = input_16() % length;
		second = input_16() % (length - first);
	}
	pieces[0] = (struct iovec){ bytes, first };
	pieces[1] = (struct iovec){ bytes + first, second };
	pieces[2] = (struct iovec){ bytes + first + second, length - first - second };
	return 3;
}

static void send_some(struct ends *ends, struct end *end)
{
	size_t length = length_from_input();
	uint8_t *bytes = malloc(length + 1), bits = input_byte();
	int flags = (bits & 3 ? MSG_DONTWAIT : 0) | (bits & 4 ? MSG_MORE : 0);
	struct iovec pieces[3];
	ssize_t result;

	EXPECT(bytes != NULL);
	for (size_t at = 0; at < length; at++)
		bytes[at] = pattern(side_of(ends, end), end->sent + at);
	result = xsock_sendv(&end->socket, pieces, cut_up(bytes, length, pieces), flags);
	check_result(end, result, length);
	if (result > 0)
		end->sent += (uint64_t)result;
	/* "A send in between ends it"; one that fails may, or not. */
	end->reserved_left = 0;
	free(bytes);
}

static void receive_some(struct ends *ends, struct end *end)
{
	size_t length = length_from_input();
	uint8_t *bytes = malloc(length), bits = input_byte();
	int flags = (bits & 3 ? MSG_DONTWAIT : 0) | (bits & 4 ? MSG_WAITALL : 0) |
		    (bits & 8 ? MSG_PEEK : 0);
	struct iovec pieces[3];
	ssize_t result;

	EXPECT(bytes != NULL || length == 0);
	result = xsock_recvv(&end->socket, pieces, cut_up(bytes, length, pieces), flags);
	check_result(end, result, length);
	if (result > 0)
		check_bytes(!side_of(ends, end), end->received, bytes, (size_t)result);
	if (result > 0 && (bits & 8) == 0)
		end->received += (uint64_t)result;
	end->peeked_left = 0;
	free(bytes);
}

/* ------------------------------------------------------------------ in place */

/* What was handed out and not given back must be there. */
static void check_spans(const struct iovec span[2], size_t left, bool to_write)
{
	size_t total = span[0].iov_len + span[1].iov_len, gone;

	if (left == 0)
		return;
	EXPECT(left <= total);
	gone = total - left;
	for (int at = 0; at < 2; at++) {
		size_t skip = gone < span[at].iov_len ? gone : span[at].iov_len;

		if (skip < span[at].iov_len)
			memory_of_peer((uint8_t *)span[at].iov_base + skip, span[at].iov_len - skip,
				       to_write);
		gone -= skip;
	}
}

static void check_held(const struct end *end)
{
	check_spans(end->peeked, end->peeked_left, false);
	check_spans(end->reserved, end->reserved_left, true);
}

static void peek_some(struct ends *ends, struct end *end)
{
	size_t want = length_from_input();
	int flags = input_below(4) ? MSG_DONTWAIT : 0;
	uint8_t byte;
	ssize_t result = xsock_recv_peek(&end->socket, end->peeked, want, flags);

	check_result(end, result, RING_BYTES_MAX);
	end->peeked_left = result > 0 ? (size_t)result : 0;
	if (result >= 0)
		end->peeked_most = end->peeked_left;
	check_spans(end->peeked, end->peeked_left, false);
	if (result > 0) {
		EXPECT(end->peeked[0].iov_len + end->peeked[1].iov_len == (size_t)result);
		shared_copy(&byte, end->peeked[0].iov_base, 1);
		check_bytes(!side_of(ends, end), end->received, &byte, 1);
	}
}

static void consume_some(struct end *end)
{
	size_t length = length_from_input();
	int result;

	if (input_below(8) != 0 && length > end->peeked_left)
		length = end->peeked_left;
	result = xsock_recv_consume(&end->socket, length);
	check_result(end, result, 0);
	if (result != 0)
		return;
	EXPECT(length <= end->peeked_most);
	end->peeked_most -= length;
	end->peeked_left -= length < end->peeked_left ? length : end->peeked_left;
	end->received += length;
}

static void reserve_some(struct end *end)
{
	size_t want = length_from_input();
	int flags = input_below(4) ? MSG_DONTWAIT : 0;
	ssize_t result = xsock_send_reserve(&end->socket, end->reserved, want, flags);

	check_result(end, result, RING_BYTES_MAX);
	EXPECT(result < 0 || (size_t)result >= want);
	end->reserved_left = result > 0 ? (size_t)result : 0;
	if (result >= 0)
		end->reserved_most = end->reserved_left;
	check_spans(end->reserved, end->reserved_left, true);
}

/* The byte that is `into` what is left of the reservation. */
static uint8_t *reserved_byte(const struct end *end, size_t into)
{
	size_t at = end->reserved[0].iov_len + end->reserved[1].iov_len - end->reserved_left + into;

	if (at < end->reserved[0].iov_len)
		return (uint8_t *)end->reserved[0].iov_base + at;
	return (uint8_t *)end->reserved[1].iov_base + (at - end->reserved[0].iov_len);
}

static void commit_some(struct ends *ends, struct end *end)
{
	size_t length = length_from_input();
	int result;

	if (input_below(8) != 0 && length > end->reserved_left)
		length = end->reserved_left;
	/* A reserve or a send that failed may have ended the reservation, or not: nothing that was
	 * not written may go. */
	if (length <= end->reserved_most && length > end->reserved_left)
		length = end->reserved_left;
	for (size_t at = 0; at < length && at < end->reserved_left; at++) {
		uint8_t byte = pattern(side_of(ends, end), end->sent + at);

		shared_copy(reserved_byte(end, at), &byte, 1);
	}
	result = xsock_send_commit(&end->socket, length);
	check_result(end, result, 0);
	if (result != 0)
		return;
	EXPECT(length <= end->reserved_most);
	end->reserved_most -= length;
	end->reserved_left -= length < end->reserved_left ? length : end->reserved_left;
	end->sent += length;
}

/* ------------------------------------------------------------------ the rest */

static void poll_both(struct ends *ends)
{
	uint8_t bits = input_byte();
	int timeout = (bits & 3) == 0 ? TIME_LIMIT : 0;
	short events = (short)((bits & 4 ? POLLIN : 0) | (bits & 8 ? POLLOUT : 0) |
			       (bits & 16 ? POLLERR : 0));
	struct xsock_pollfd entries[2] = { { .events = events }, { .events = events } };
	int result;

	for (int side = 0; side < 2; side++)
		if (ends->end[side].socket.connection != NULL && (bits & 64 << side) == 0)
			entries[side].socket = &ends->end[side].socket;
	result = xsock_poll(entries, 2, timeout);
	EXPECT(result <= 2 && (result >= 0 || errno == EINTR));
}

static void set_events(struct end *end)
{
	uint8_t bits = input_byte();

	EXPECT(xsock_fd(&end->socket) >= 0);
	xsock_set_events(&end->socket, (short)((bits & 1 ? POLLIN : 0) | (bits & 2 ? POLLOUT : 0) |
					       (bits & 4 ? POLLERR : 0)));
}

static void shut_down(struct end *end)
{
	static const int ways[] = { SHUT_RD, SHUT_WR, SHUT_RDWR };

	xsock_shutdown(&end->socket, ways[input_below(3)]);
}

static void withdraw_some(struct end *end)
{
	size_t length = length_from_input();
	uint8_t *bytes = malloc(length + 1);
	ssize_t result;

	EXPECT(bytes != NULL);
	result = xsock_send_withdraw(&end->socket, bytes, length);
	check_result(end, result, length);
	if (result >= 0)
		end->reserved_left = 0;
	free(bytes);
}

static void look_at(struct end *end)
{
	struct xsock_info info;

	EXPECT(xsock_get_info(&end->socket, &info, sizeof info) == 0);
	EXPECT(info.bytes_to_receive <= info.recv_ring && info.bytes_to_send <= info.send_ring);
	EXPECT(info.recv_ring <= RING_BYTES_MAX && info.send_ring <= RING_BYTES_MAX);
	EXPECT(info.send_cut <= XSOCK_CUT_BY_RECEIVER && info.recv_cut <= XSOCK_CUT_BY_RECEIVER);
	xsock_recv_ready(&end->socket);
}

static void pass_time(void)
{
	world_pause((int64_t)input_byte() * 20000000);
}

static void make_call(struct ends *ends, struct end *end, enum call call)
{
	if (call == CALL_SEND)
		send_some(ends, end);
	else if (call == CALL_RECEIVE)
		receive_some(ends, end);
	else if (call == CALL_PEEK)
		peek_some(ends, end);
	else if (call == CALL_CONSUME)
		consume_some(end);
	else if (call == CALL_RESERVE)
		reserve_some(end);
	else if (call == CALL_COMMIT)
		commit_some(ends, end);
	else if (call == CALL_POLL)
		poll_both(ends);
	else if (call == CALL_EVENTS)
		set_events(end);
	else if (call == CALL_SHUTDOWN)
		shut_down(end);
	else if (call == CALL_WITHDRAW)
		withdraw_some(end);
	else if (call == CALL_INFO)
		look_at(end);
	else if (call == CALL_CLOSE)
		end_close(end);
}

static void make(struct ends *ends, const enum call *calls, unsigned count)
{
	for (int made = 0; made < CALLS_MOST && !input_is_empty(); made++) {
		uint8_t code = input_byte();
		struct end *end = &ends->end[code & 1];
		enum call call = calls[code / 2 % count];

		if (end->socket.connection == NULL)
			continue;
		if (call == CALL_TIME) {
			pass_time();
			continue;
		}
		world_call(TIME_LIMIT);
		make_call(ends, end, call);
		world_called();
		check_held(&ends->end[SIDE_A]);
		check_held(&ends->end[SIDE_B]);
	}
}

void calls_between(const struct terms *terms, const enum call *calls, unsigned count)
{
	struct ends ends;

	if (ends_open(&ends, terms))
		make(&ends, calls, count);
	ends_close(&ends);
}
