/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xsock in the ways it can be used. */
#include "adaptors.h"

#include "fail.h"
#include "payload.h"
#include "scenario.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <xsock/xsock.h>

#define SERVICE "bench"
#define PIECES_MAX 1024

struct end {
	struct xsock *socket;
};

static struct xsock *listener;

/* Figures of sleepers are asked for; elsewhere it does as it does. */
static bool asleep(const struct plan *plan)
{
	return plan->waiting == WAITING_SLEEP &&
	       (plan->scenario == &round_trip || plan->scenario == &paced);
}

static struct xsock_options options_of(const struct plan *plan, enum xsock_direction direction)
{
	return (struct xsock_options){ .direction = direction,
				       .send_ring = plan->ring,
				       .recv_ring = plan->ring,
				       .flags = asleep(plan) ? XSOCK_NOSPIN : 0,
				       .ring_start =
					       plan->peer == &xsock_growing ? XSOCK_RING_START : 0,
				       .max_ring = XSOCK_RING_MAX,
				       .backlog = 2048,
				       .max_domain_connections = 2048,
				       .max_domain_rate = 1000000,
				       .platform = plan->platform };
}

/* For the local platform. */
static void be_domain(const struct plan *plan, enum side side)
{
	char number[16];

	snprintf(number, sizeof number, "%u", plan->home[side].domain);
	if (setenv("XSOCK_LOCAL_DOMAIN", number, 1))
		fail_errno("XSOCK_LOCAL_DOMAIN");
}

static void stop_listening(void)
{
	xsock_close(listener);
}

static void listen_as(const struct plan *plan, enum xsock_direction direction)
{
	struct xsock_options options = options_of(plan, direction);

	be_domain(plan, SIDE_LISTENS);
	listener = xsock_listen(SERVICE, &options);
	if (!listener)
		fail("xsock_listen: %s", xsock_last_error());
	/* XenStore would keep its nodes. */
	if (atexit(stop_listening))
		fail("atexit");
}

static struct end *open_as(const struct plan *plan, enum side side, enum xsock_direction direction)
{
	struct xsock_options options = options_of(plan, direction);
	struct end *end = malloc(sizeof *end);
	char address[32];

	if (!end)
		fail("no memory for a connection");
	if (side == SIDE_LISTENS) {
		end->socket = xsock_accept(listener, -1);
	} else {
		be_domain(plan, SIDE_CONNECTS);
		snprintf(address, sizeof address, "%u/%s", plan->home[SIDE_LISTENS].domain,
			 SERVICE);
		end->socket = xsock_connect(address, &options);
	}
	if (!end->socket)
		fail("%s: %s", side == SIDE_LISTENS ? "xsock_accept" : "xsock_connect",
		     xsock_last_error());
	return end;
}

static void listen_two_way(const struct plan *plan)
{
	listen_as(plan, XSOCK_DIR_TWO_WAY);
}

static struct end *open_two_way(const struct plan *plan, enum side side, unsigned index)
{
	(void)index;
	return open_as(plan, side, XSOCK_DIR_TWO_WAY);
}

static void listen_one_way(const struct plan *plan)
{
	listen_as(plan, XSOCK_DIR_RECV);
}

static struct end *open_one_way(const struct plan *plan, enum side side, unsigned index)
{
	(void)index;
	return open_as(plan, side, XSOCK_DIR_SEND);
}

static void require(ssize_t done, size_t wanted, const char *call)
{
	if (done != (ssize_t)wanted)
		fail("%s: %zd of %zu bytes: %s", call, done, wanted, xsock_last_error());
}

static void send_messages(struct end *end, const char *messages, size_t size, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		require(xsock_send(end->socket, messages + i * size, size, 0), size, "xsock_send");
}

static void send_more(struct end *end, const char *messages, size_t size, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		require(xsock_send(end->socket, messages + i * size, size,
				   i + 1 < count ? MSG_MORE : 0),
			size, "xsock_send");
}

static void send_vector(struct end *end, const char *messages, size_t size, unsigned count)
{
	struct iovec pieces[PIECES_MAX];

	for (unsigned i = 0; i < count; i++) {
		/* sendv only reads them, but an iovec has no const. */
		pieces[i].iov_base = (void *)(uintptr_t)(messages + i * size);
		pieces[i].iov_len = size;
	}
	require(xsock_sendv(end->socket, pieces, (int)count, 0), size * count, "xsock_sendv");
}

static size_t receive(struct end *end, char *buffer, size_t size, bool wait)
{
	ssize_t got = xsock_recv(end->socket, buffer, size, wait ? 0 : MSG_DONTWAIT);

	if (got < 0 && !wait && errno == EAGAIN)
		return 0;
	if (got <= 0)
		fail("xsock_recv: %s", got ? xsock_last_error() : "the other end closed too early");
	return (size_t)got;
}

/* One message, in as many pieces as a ring smaller than it asks for. */
static void produce(struct end *end, struct payload *payload, size_t size)
{
	while (size > 0) {
		struct iovec span[2];
		size_t made = 0;

		if (xsock_send_reserve(end->socket, span, 64, 0) < 0)
			fail("xsock_send_reserve: %s", xsock_last_error());
		for (int i = 0; i < 2 && made < size; i++) {
			size_t part = span[i].iov_len / 8 * 8;

			part = part < size - made ? part : size - made;
			payload_fill(payload, span[i].iov_base, part);
			made += part;
		}
		if (xsock_send_commit(end->socket, made))
			fail("xsock_send_commit: %s", xsock_last_error());
		size -= made;
	}
}

static size_t consume(struct end *end, struct payload *payload)
{
	struct iovec span[2];
	ssize_t there = xsock_recv_peek(end->socket, span, 0, 0);

	if (there <= 0)
		fail("xsock_recv_peek: %s",
		     there ? xsock_last_error() : "the other end closed too early");
	payload_check(payload, span[0].iov_base, span[0].iov_len);
	payload_check(payload, span[1].iov_base, span[1].iov_len);
	if (xsock_recv_consume(end->socket, (size_t)there))
		fail("xsock_recv_consume: %s", xsock_last_error());
	return (size_t)there;
}

static void close_end(struct end *end)
{
	xsock_close(end->socket);
	free(end);
}

static int descriptor(struct end *end)
{
	int fd = xsock_fd(end->socket);

	if (fd < 0)
		fail("xsock_fd: %s", xsock_last_error());
	return fd;
}

static struct xsock_info info_of(struct end *end)
{
	struct xsock_info info;

	if (xsock_get_info(end->socket, &info, sizeof info))
		fail("xsock_get_info: %s", xsock_last_error());
	return info;
}

static void count(struct end *end, struct counters *counters)
{
	struct xsock_info info = info_of(end);

	*counters = (struct counters){ .known = true,
				       .notifications = info.notifications_sent,
				       .waits = info.waits };
}

static size_t buffer_size(struct end *end)
{
	struct xsock_info info = info_of(end);

	return info.recv_ring;
}

#define WHAT_ALL_HAVE                                                                              \
	.kind = "real", .spins_itself = true, .receive = receive, .close = close_end,              \
	.descriptor = descriptor, .count = count, .buffer = buffer_size

const struct peer xsock_copying = {
	.name = "xsock",
	.abilities = ABLE_ALL | ABLE_APART,
	.listen = listen_two_way,
	.open = open_two_way,
	.send = send_messages,
	WHAT_ALL_HAVE,
};

const struct peer xsock_one_way = {
	.name = "xsock-one-way",
	.abilities = ABLE_STREAM | ABLE_MANY | ABLE_IDLE | ABLE_MEMORY | ABLE_APART,
	.listen = listen_one_way,
	.open = open_one_way,
	.send = send_messages,
	WHAT_ALL_HAVE,
};

/* `buffer` says how far it grew. */
const struct peer xsock_growing = {
	.name = "xsock-growing",
	.abilities = ABLE_STREAM | ABLE_MEMORY,
	.listen = listen_two_way,
	.open = open_two_way,
	.send = send_messages,
	WHAT_ALL_HAVE,
};

const struct peer xsock_vectored = {
	.name = "xsock-sendv",
	.abilities = ABLE_STREAM | ABLE_APART,
	.listen = listen_two_way,
	.open = open_two_way,
	.send = send_vector,
	.batch_bytes = 16384,
	WHAT_ALL_HAVE,
};

const struct peer xsock_more = {
	.name = "xsock-more",
	.abilities = ABLE_STREAM | ABLE_APART,
	.listen = listen_two_way,
	.open = open_two_way,
	.send = send_more,
	.batch_bytes = 16384,
	WHAT_ALL_HAVE,
};

const struct peer xsock_in_place = {
	.name = "xsock-in-place",
	.abilities = ABLE_STREAM | ABLE_APART,
	.listen = listen_two_way,
	.open = open_two_way,
	.send = send_messages,
	.produce = produce,
	.consume = consume,
	WHAT_ALL_HAVE,
};

const struct peer xsock_in_place_one_way = {
	.name = "xsock-in-place-one-way",
	.abilities = ABLE_STREAM | ABLE_APART,
	.listen = listen_one_way,
	.open = open_one_way,
	.send = send_messages,
	.produce = produce,
	.consume = consume,
	WHAT_ALL_HAVE,
};
