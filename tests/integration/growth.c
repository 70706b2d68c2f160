/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rings that start small: they grow under a writer that stalls, or for a call that needs more at
 * once, and shrink when nothing goes by; what is in them, or points into them, does not notice.
 */
#include "scenarios.h"

#include "pair.h"
#include "stream.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

#define KIB ((size_t)1024)
#define START XSOCK_RING_START
#define MOST XSOCK_RING_GROWN

static enum xsock_role role_of(const struct side *side, bool a_grants)
{
	return (side->letter == 'a') == a_grants ? XSOCK_ROLE_GRANT : XSOCK_ROLE_MAP;
}

/* Some call has to come along for the end that does not wait. */
static size_t send_ring_now(struct xsock *socket)
{
	ready_now(socket, 0);
	return info_of(socket).send_ring;
}

/* -- by itself -------------------------------------------------------------------------------- */

static void send_until_grown(struct xsock *socket, uint64_t *sent)
{
	int64_t limit = now_us() + WAIT_LIMIT * 1000;

	while (info_of(socket).send_ring < MOST) {
		CHECK(now_us() < limit);
		stream_send(socket, 1, *sent, 64 * KIB);
		*sent += 64 * KIB;
	}
}

/* B sends without a pause, A reads as it can. */
static void grow_and_shrink(struct side *side, bool a_grants)
{
	struct xsock_options options = { .role = role_of(side, a_grants) };
	struct xsock *socket = open_pair(side, &options);
	uint64_t sent = 0;

	CHECK_RESULT(info_of(socket).send_ring, START);
	CHECK_RESULT(info_of(socket).recv_ring, START);
	CHECK_RESULT(info_of(socket).send_ring_most, MOST);
	CHECK_RESULT(info_of(socket).recv_ring_most, MOST);
	meet(side, a_grants ? "granter-is-to-read" : "mapper-is-to-read");
	if (side->letter == 'a') {
		stream_receive_all(socket, 1);
		CHECK_RESULT(info_of(socket).recv_ring, MOST);
		CHECK_RESULT(info_of(socket).recv_ring_changes, 7);
		CHECK_RESULT(info_of(socket).send_ring, START);
		CHECK_RESULT(info_of(socket).send_ring_changes, 0);
	} else {
		send_until_grown(socket, &sent);
		CHECK_RESULT(info_of(socket).send_ring_changes, 3);
		AWAIT(send_ring_now(socket) == START);
		send_until_grown(socket, &sent);
		CHECK_RESULT(info_of(socket).send_ring_changes, 7);
		CHECK_RESULT(xsock_shutdown(socket, SHUT_WR), 0);
	}
	meet(side, a_grants ? "granter-reads" : "mapper-reads");
	CHECK_RESULT(xsock_close(socket), 0);
}

void growth_alone(struct side *side)
{
	grow_and_shrink(side, true);
	grow_and_shrink(side, false);
}

/* Both ends without a wait, so that nothing but their looks moves them on. */
static void grow_without_waiting(struct side *side, bool a_grants)
{
	struct xsock_options options = { .role = role_of(side, a_grants) };
	struct xsock *socket = open_pair(side, &options);
	int64_t limit = now_us() + WAIT_LIMIT * 1000;
	char block[4096] = "";
	ssize_t count;

	if (side->letter == 'a') {
		while (info_of(socket).send_ring < MOST) {
			if (xsock_send(socket, block, sizeof block, MSG_DONTWAIT) < 0)
				CHECK(errno == EAGAIN);
			CHECK(now_us() < limit);
		}
		CHECK_RESULT(xsock_shutdown(socket, SHUT_WR), 0);
	} else {
		/* In small pieces: the other end has to find the ring full. */
		while ((count = xsock_recv(socket, block, 256, MSG_DONTWAIT)) != 0) {
			CHECK(count > 0 || errno == EAGAIN);
			CHECK(now_us() < limit);
		}
		CHECK_RESULT(info_of(socket).recv_ring, MOST);
	}
	meet(side, a_grants ? "mapper-read" : "granter-read");
	CHECK_RESULT(xsock_close(socket), 0);
}

void growth_nonblocking(struct side *side)
{
	grow_without_waiting(side, true);
	grow_without_waiting(side, false);
}

/* A size that is named is had from the start, unless a start is named too; the larger start counts.
 */
void growth_wishes(struct side *side)
{
	static const struct {
		size_t a_ring, a_start, b_ring, b_start, start, most;
	} cases[] = {
		{ 0, 0, 0, 0, START, MOST },
		{ 0, 4096, 0, 0, START, MOST },
		{ 0, 4096, 0, 4000, 4096, MOST },
		{ 0, 0, 0, XSOCK_RING_MAX, MOST, MOST },
		{ 256 * KIB, 0, 0, 0, 256 * KIB, 256 * KIB },
		{ 256 * KIB, 8192, 0, 0, START, 256 * KIB },
		{ 256 * KIB, 8192, 512 * KIB, 8192, 8192, 256 * KIB },
		{ 256 * KIB, 8192, 512 * KIB, 0, 256 * KIB, 256 * KIB },
		{ 4096, 0, 0, 0, 4096, 4096 },
		{ 8192, 4096, 8192, 64 * KIB, 8192, 8192 },
	};

	for (size_t at = 0; at < sizeof cases / sizeof cases[0]; at++) {
		bool is_a = side->letter == 'a';
		size_t ring = is_a ? cases[at].a_ring : cases[at].b_ring;
		struct xsock_options options = {
			.send_ring = ring,
			.recv_ring = ring,
			.ring_start = is_a ? cases[at].a_start : cases[at].b_start,
		};
		struct xsock *socket = open_pair(side, &options);
		struct xsock_info info = info_of(socket);

		CHECK_RESULT(info.send_ring, cases[at].start);
		CHECK_RESULT(info.recv_ring, cases[at].start);
		CHECK_RESULT(info.send_ring_most, cases[at].most);
		CHECK_RESULT(info.recv_ring_most, cases[at].most);
		meet_over(socket);
		CHECK_RESULT(xsock_close(socket), 0);
	}
}

/* -- for a call ------------------------------------------------------------------------------- */

/* From the start of the stream, which is where the ring starts too. */
static void check_spans(const struct iovec span[2], size_t length)
{
	CHECK(span[0].iov_len >= length);
	CHECK(stream_matches(1, 0, span[0].iov_base, length));
}

static void reserve_much(struct xsock *socket)
{
	struct iovec span[2];
	ssize_t free = xsock_send_reserve(socket, span, 300 * KIB, 0);

	CHECK(free >= (ssize_t)(300 * KIB));
	CHECK_RESULT(span[0].iov_len + span[1].iov_len, free);
	stream_fill(1, 0, span[0].iov_base, 300 * KIB);
	CHECK_RESULT(xsock_send_commit(socket, 300 * KIB), 0);
	CHECK_RESULT(info_of(socket).send_ring, MOST);
	FAILS(xsock_send_reserve(socket, span, MOST + 1, 0), EMSGSIZE, "");
}

static void peek_much(struct xsock *socket, size_t want)
{
	struct iovec span[2];
	ssize_t size = xsock_recv_peek(socket, span, want, 0);

	CHECK(size >= (ssize_t)want);
	check_spans(span, want);
	CHECK_RESULT(xsock_recv_consume(socket, want), 0);
	FAILS(xsock_recv_peek(socket, span, MOST + 1, 0), EMSGSIZE, "");
}

/* What is more than half of the ring at that time makes it grow at once. */
static void need_much(struct side *side, bool a_grants)
{
	struct xsock_options options = { .role = role_of(side, a_grants) };
	struct xsock *socket = open_pair(side, &options);

	if (side->letter == 'b')
		reserve_much(socket);
	else
		peek_much(socket, 300 * KIB);
	meet_over(socket);
	CHECK_RESULT(xsock_close(socket), 0);
	/* Here the reader needs it first; the writer sends in small pieces. */
	socket = open_pair(side, &options);
	if (side->letter == 'b')
		for (size_t sent = 0; sent < 100 * KIB; sent += 1000)
			stream_send(socket, 1, sent, sent + 1000 > 100 * KIB ? 400 : 1000);
	else
		peek_much(socket, 100 * KIB);
	meet_over(socket);
	CHECK_RESULT(xsock_close(socket), 0);
}

void growth_needs(struct side *side)
{
	need_much(side, true);
	need_much(side, false);
}

/* B puts 10000 bytes into the ring and then needs so much that it is changed; 100 KiB are behind
 * it. */
static void send_across_change(struct xsock *socket, struct side *side, const char *word)
{
	struct iovec span[2];

	stream_send(socket, 1, 0, 10000);
	meet(side, word);
	CHECK(xsock_send_reserve(socket, span, 100 * KIB, 0) >= (ssize_t)(100 * KIB));
	CHECK_RESULT(info_of(socket).send_ring, 256 * KIB);
	stream_send(socket, 1, 10000, 100 * KIB);
}

/* Nobody waits for bytes meanwhile: some other call has to come along. */
static void await_change(struct xsock *socket)
{
	AWAIT((ready_now(socket, 0), info_of(socket).recv_ring == 256 * KIB));
}

/* Spans that were peeked at stay as they are while the ring under them is changed. */
static void hold_spans(struct side *side, bool a_grants)
{
	struct xsock_options options = { .role = role_of(side, a_grants) };
	struct xsock *socket = open_pair(side, &options);
	const char *word = a_grants ? "granter-peeks" : "mapper-peeks";
	struct iovec span[2];

	if (side->letter == 'b') {
		send_across_change(socket, side, word);
	} else {
		CHECK_RESULT(xsock_recv_peek(socket, span, 10000, 0), 10000);
		meet(side, word);
		await_change(socket);
		check_spans(span, 10000);
		CHECK_RESULT(xsock_recv_consume(socket, 10000), 0);
		stream_receive(socket, 1, 10000, 100 * KIB);
	}
	meet_over(socket);
	CHECK_RESULT(xsock_close(socket), 0);
}

void growth_under_spans(struct side *side)
{
	hold_spans(side, true);
	hold_spans(side, false);
}

/* What is taken back begins where the reader stopped, in whichever ring that was written. */
static void withdraw_after_change(struct side *side, bool a_grants)
{
	struct xsock_options options = { .role = role_of(side, a_grants) };
	struct xsock *socket = open_pair(side, &options);
	const char *word = a_grants ? "granter-stops" : "mapper-stops";
	char block[7000], rest[32], stopped[32];
	uint64_t at = 3000;
	ssize_t count;

	snprintf(rest, sizeof rest, "%s-rest", word);
	snprintf(stopped, sizeof stopped, "%s-stopped", word);
	if (side->letter == 'a') {
		meet(side, word);
		await_change(socket);
		stream_receive(socket, 1, 0, 3000);
		meet(side, rest);
		CHECK_RESULT(xsock_shutdown(socket, SHUT_RD), 0);
		meet(side, stopped);
	} else {
		send_across_change(socket, side, word);
		meet(side, rest);
		meet(side, stopped);
		while ((count = xsock_send_withdraw(socket, block, sizeof block)) > 0) {
			CHECK(stream_matches(1, at, block, (size_t)count));
			at += (uint64_t)count;
		}
		CHECK_RESULT(count, 0);
		CHECK_RESULT(at, 10000 + 100 * KIB);
	}
	CHECK_RESULT(xsock_close(socket), 0);
}

void growth_then_withdraw(struct side *side)
{
	withdraw_after_change(side, true);
	withdraw_after_change(side, false);
}

/* -- refused ---------------------------------------------------------------------------------- */

/* One end, granting or mapping, has a limit that the rings at first fill almost: nothing grows, and
 * everything goes on as it is. */
static void grow_in_vain(struct side *side, bool a_grants, char limited)
{
	struct xsock_options options = {
		.role = role_of(side, a_grants),
		.max_domain_bytes = side->letter == limited ? 4 * START : 0,
	};
	struct xsock *socket = open_pair(side, &options);
	struct iovec span[2];

	if (side->letter == 'b') {
		stream_send(socket, 1, 0, MOST);
		FAILS(xsock_send_reserve(socket, span, START + 1, 0), EMSGSIZE, "cannot grow");
		CHECK(xsock_send_reserve(socket, span, START, 0) == (ssize_t)START);
		stream_send(socket, 1, MOST, KIB);
	} else {
		stream_receive(socket, 1, 0, MOST);
		FAILS(xsock_recv_peek(socket, span, START + 1, 0), EMSGSIZE, "cannot grow");
		stream_receive(socket, 1, MOST, KIB);
	}
	CHECK_RESULT(info_of(socket).send_ring, START);
	CHECK_RESULT(info_of(socket).recv_ring, START);
	CHECK_RESULT(info_of(socket).send_ring_changes + info_of(socket).recv_ring_changes, 0);
	meet_over(socket);
	CHECK_RESULT(xsock_close(socket), 0);
}

void growth_refused_there(struct side *side)
{
	for (int turn = 0; turn < 4; turn++)
		grow_in_vain(side, turn & 1, turn & 2 ? 'a' : 'b');
}

static int64_t cpu_ms(void)
{
	struct timespec used;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return (int64_t)used.tv_sec * 1000 + used.tv_nsec / 1000000;
}

/* The wish that was to be made again a second later is not due for ever. */
void growth_refused_then_ended(struct side *side)
{
	struct xsock_options options = {
		.max_domain_bytes = side->letter == 'a' ? 4 * START : 0,
	};
	struct xsock *socket = open_pair(side, &options);
	struct xsock_pollfd entry = { .socket = socket, .events = POLLIN };
	char block[4096] = "";
	int64_t before;

	if (side->letter == 'b') {
		AWAIT((xsock_send(socket, block, sizeof block, MSG_DONTWAIT),
		       info_of(socket).send_ring_refusals > 0));
		CHECK_RESULT(xsock_shutdown(socket, SHUT_WR), 0);
		before = cpu_ms();
		CHECK_RESULT(xsock_poll(&entry, 1, 2000), 0);
		CHECK(cpu_ms() - before < 200);
	} else {
		AWAIT((ready_now(socket, 0), info_of(socket).recv_ring_refusals > 0));
	}
	meet(side, "ended");
	CHECK_RESULT(xsock_close(socket), 0);
}

/* The limit is of all connections with the domain: a set-up counts, and what was closed does not.
 */
void growth_limit(struct side *side)
{
	struct xsock_options limited = { .max_domain_bytes = 18 * 4096 }, tiny = { 0 };
	struct xsock *listener, *first, *second;

	tiny.max_domain_bytes = 4095;
	FAILS_TO_OPEN(xsock_listen("tiny", &tiny), EINVAL, "max_domain_bytes");
	if (side->letter == 'a') {
		listener = open_listener(side, &limited);
		first = must_accept(listener);
		second = must_accept(listener);
		meet(side, "two");
		AWAIT((ready_now(listener, POLLIN), info_of(listener).refused == 1));
		meet(side, "no-third");
		CHECK_RESULT(xsock_close(second), 0);
		meet(side, "one");
		second = must_accept(listener);
		CHECK_RESULT(xsock_close(listener), 0);
	} else {
		await_listener(side);
		first = must_connect(side, NULL);
		second = must_connect(side, NULL);
		meet(side, "two");
		FAILS_TO_OPEN(try_connect(side, NULL), EDQUOT, "limit");
		meet(side, "no-third");
		CHECK_RESULT(xsock_close(second), 0);
		meet(side, "one");
		second = must_connect(side, NULL);
	}
	meet_over(first);
	meet_over(second);
	CHECK_RESULT(xsock_close(first), 0);
	CHECK_RESULT(xsock_close(second), 0);
}
