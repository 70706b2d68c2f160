/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The library's fast paths. Who is at the other end is awake: it has not said that it sleeps. */
#include <errno.h>

#include "pair.h"
#include "path.h"
#include "stand-in.h"

#define SMALL 64
#define PAGE 4096
#define BATCH 16
#define MANY 64

static struct pair pairs[MANY];
static struct xsock_pollfd entries[MANY];
static struct xsock *out, *in;
static char bytes[RING];

static void send_small(void)
{
	must(xsock_send(out, bytes, SMALL, 0) == SMALL, "send");
}

static void recv_small(void)
{
	must(xsock_recv(in, bytes, SMALL, 0) == SMALL, "recv");
}

static void send_page(void)
{
	must(xsock_send(out, bytes, PAGE, 0) == PAGE, "send");
}

static void recv_page(void)
{
	must(xsock_recv(in, bytes, PAGE, 0) == PAGE, "recv");
}

static void sendv(void)
{
	struct iovec pieces[BATCH];

	for (size_t at = 0; at < BATCH; at++)
		pieces[at] = (struct iovec){ bytes + at * SMALL, SMALL };
	must(xsock_sendv(out, pieces, BATCH, 0) == BATCH * SMALL, "sendv");
}

static void recv_batch(void)
{
	must(xsock_recv(in, bytes, BATCH * SMALL, 0) == BATCH * SMALL, "recv");
}

static void send_more(void)
{
	must(xsock_send(out, bytes, SMALL, MSG_MORE) == SMALL, "send");
}

static void flush(void)
{
	send_small();
	must(xsock_recv(in, bytes, RING, 0) == 2 * SMALL, "recv");
}

static void reserve_commit(void)
{
	struct iovec span[2];

	must(xsock_send_reserve(out, span, SMALL, 0) >= SMALL, "reserve");
	must(xsock_send_commit(out, SMALL) == 0, "commit");
}

static void peek_consume(void)
{
	struct iovec span[2];

	must(xsock_recv_peek(in, span, SMALL, 0) == SMALL, "peek");
	must(xsock_recv_consume(in, SMALL) == 0, "consume");
}

static void poll_one(void)
{
	must(xsock_poll(&entries[MANY / 2], 1, -1) == 1, "poll");
}

static void poll_many(void)
{
	must(xsock_poll(entries, MANY, -1) == 1, "poll");
}

static void fill(void)
{
	while (xsock_send(out, bytes, PAGE, MSG_DONTWAIT) > 0)
		;
}

static void send_full(void)
{
	must(xsock_send(out, bytes, SMALL, MSG_DONTWAIT) == -1 && errno == EAGAIN, "send");
}

static void drain(void)
{
	while (xsock_recv(in, bytes, RING, MSG_DONTWAIT) > 0)
		;
}

static void recv_none(void)
{
	must(xsock_recv(in, bytes, SMALL, MSG_DONTWAIT) == -1 && errno == EAGAIN, "recv");
}

static const struct path paths[] = {
	{ .name = "send-64", .step = send_small, .after = recv_small },
	{ .name = "send-4096", .step = send_page, .after = recv_page },
	{ .name = "recv-64", .step = recv_small, .before = send_small },
	{ .name = "recv-4096", .step = recv_page, .before = send_page },
	{ .name = "sendv-16x64", .step = sendv, .after = recv_batch },
	{ .name = "send-more-64", .step = send_more, .after = flush },
	{ .name = "reserve-commit-64", .step = reserve_commit, .after = recv_small },
	{ .name = "peek-consume-64", .step = peek_consume, .before = send_small },
	{ .name = "poll-1", .step = poll_one, .before = send_small, .after = recv_small },
	{ .name = "poll-64", .step = poll_many, .before = send_small, .after = recv_small },
	{ .name = "send-full", .step = send_full, .before = fill },
	{ .name = "recv-none", .step = recv_none, .before = drain },
	{ 0 },
};

static void start(void)
{
	pairs_open(pairs, MANY, RING);
	out = pairs[MANY / 2].out;
	in = pairs[MANY / 2].in;
	for (size_t at = 0; at < MANY; at++)
		entries[at] = (struct xsock_pollfd){ .socket = pairs[at].in, .events = POLLIN };
	time_stops();
}

/* The reader asked to be told by its descriptor: each send to an empty ring is a notification. */
static const struct path watched_paths[] = {
	{ .name = "send-64", .step = send_small, .before = drain },
	{ 0 },
};

static void start_watched(void)
{
	must(xsock_fd(in) >= 0, "descriptor");
}

const struct group groups[] = {
	{ .name = "awake", .paths = paths, .start = start },
	{ .name = "watched", .paths = watched_paths, .start = start_watched },
	{ 0 },
};
