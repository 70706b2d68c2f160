/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What calls cost under the preload library, on descriptors that are none of its affair and on a
 * connection with a ring. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>

#include "loopback.h"
#include "path.h"
#include "stand-in.h"

#define SMALL 64

static int out, in; /* what the paths are about */
static char bytes[RING];

static void send_small(void)
{
	must(send(out, bytes, SMALL, 0) == SMALL, "send");
}

static void recv_small(void)
{
	must(recv(in, bytes, SMALL, 0) == SMALL, "recv");
}

static void poll_one(void)
{
	struct pollfd entry = { .fd = in, .events = POLLIN };

	must(poll(&entry, 1, -1) == 1, "poll");
}

static void recv_none(void)
{
	must(recv(in, bytes, SMALL, MSG_DONTWAIT) == -1 && errno == EAGAIN, "recv");
}

static void drain(void)
{
	while (recv(in, bytes, RING, MSG_DONTWAIT) > 0)
		;
}

static const struct path paths[] = {
	{ .name = "send-64", .step = send_small, .after = recv_small },
	{ .name = "recv-64", .step = recv_small, .before = send_small },
	{ .name = "poll-1", .step = poll_one, .before = send_small, .after = recv_small },
	{ .name = "recv-none", .step = recv_none, .before = drain },
	{ 0 },
};

/* ------------------------------------------------------------------ without a ring */

static int unix_ends[2], tcp_ends[2];

static void use(const int ends[2])
{
	out = ends[0];
	in = ends[1];
}

static void start_unix(void)
{
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, unix_ends) == 0, "socketpair");
	use(unix_ends);
}

/* ------------------------------------------------------------------ with a ring */

static void *send_over_ring(void *end)
{
	must(send(*(int *)end, bytes, SMALL, 0) == SMALL, "the first send");
	return NULL;
}

static void both_ways(void)
{
	send_small();
	recv_small();
}

/* In strict mode an end's first call waits for the ring, for which it needs the other end. */
static void start_ring(void)
{
	pthread_t other;

	loopback_open(tcp_ends);
	must(pthread_create(&other, NULL, send_over_ring, &tcp_ends[1]) == 0, "pthread_create");
	send_over_ring(&tcp_ends[0]);
	pthread_join(other, NULL);
	must(recv(tcp_ends[0], bytes, SMALL, 0) == SMALL, "recv");
	must(recv(tcp_ends[1], bytes, SMALL, 0) == SMALL, "recv");
	use(tcp_ends);
	time_stops();
	/* Then it is always this thread, as it came first, that does the work of an event. */
	await_sleeper(both_ways);
}

static void start_beside(void)
{
	use(unix_ends);
}

const struct group groups[] = {
	{ .name = "no-tcp", .paths = paths, .start = start_unix },
	{ .name = "ring", .paths = paths, .start = start_ring },
	{ .name = "beside-a-ring", .paths = paths, .start = start_beside },
	{ 0 },
};
