/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An honest client among attackers: whatever they do it gets the bytes that it sent, in time. */
#include "hostile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define VISIT ((size_t)10000) /* bytes */
#define BULK_PER_VISIT ((size_t)256 << 10)
#define IN_TIME 15000 /* ms, each wait; emulated domains are slow */
#define SAMPLES 100000

static struct {
	unsigned count, retries;
	int64_t us[SAMPLES];
} visits;

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void give_up(const char *what)
{
	printf("not so: %s: %s (%s)\n", what, xsock_last_error(), strerror(errno));
	exit(1);
}

/* Others may remove its request when everybody may ask, or fill the listener's backlog: what it
 * then gets says to try again. */
static struct xsock *connect_in_time(const char *address, enum xsock_role role)
{
	const struct xsock_options options = { .role = role,
					       .connect_timeout = IN_TIME,
					       .send_timeout = IN_TIME,
					       .recv_timeout = IN_TIME };
	int64_t end = now_ms() + IN_TIME;
	struct xsock *socket;

	while (!(socket = xsock_connect(address, &options))) {
		if ((errno != ECONNREFUSED && errno != EACCES && errno != ENOSPC) || now_ms() > end)
			give_up("a visitor is let in");
		visits.retries++;
		doze(1);
	}
	return socket;
}

/* Depends on the position: what is lost, doubled or swapped is seen. */
static char byte_at(uint64_t seed, uint64_t at)
{
	return (char)((seed + at) * 0x9e3779b97f4a7c15u >> 56);
}

static void exchange(struct xsock *socket, uint64_t seed, uint64_t from, size_t length)
{
	static char sent[16 * RING], received[16 * RING];

	for (size_t at = 0; at < length; at++)
		sent[at] = byte_at(seed, from + at);
	if (xsock_send(socket, sent, length, 0) != (ssize_t)length)
		give_up("what a visitor sends is taken");
	if (xsock_recv(socket, received, length, MSG_WAITALL) != (ssize_t)length)
		give_up("what a visitor sent comes back");
	if (memcmp(sent, received, length) != 0)
		give_up("it is what was sent");
}

static void one_visit(const char *address, enum xsock_role role)
{
	int64_t began = now_us();
	struct xsock *socket = connect_in_time(address, role);

	exchange(socket, visits.count, 0, 1);
	visits.us[visits.count % SAMPLES] = now_us() - began;
	exchange(socket, visits.count, 1, VISIT);
	xsock_close(socket);
	visits.count++;
}

/* MB/s, there and back counted once. */
static double stay(const char *address, enum xsock_role role, size_t bytes, int64_t end)
{
	struct xsock *socket = connect_in_time(address, role);
	const size_t piece = 16 * RING;
	int64_t began = now_us();
	uint64_t moved = 0;

	while (end > 0 ? now_ms() < end : moved < bytes) {
		exchange(socket, 7, moved, piece);
		moved += piece;
	}
	began = now_us() - began;
	xsock_close(socket);
	return (double)moved / (double)(began > 0 ? began : 1);
}

static int by_size(const void *one, const void *other)
{
	int64_t a = *(const int64_t *)one, b = *(const int64_t *)other;

	return (a > b) - (a < b);
}

int visit(const char *address, enum xsock_role role, unsigned count, unsigned seconds)
{
	int64_t half = now_ms() + seconds * 500, end = half + seconds * 500;
	unsigned known;
	double rate;

	while (seconds > 0 ? now_ms() < half : visits.count < count)
		one_visit(address, role);
	rate = stay(address, role, count * BULK_PER_VISIT, seconds > 0 ? end : 0);
	known = visits.count < SAMPLES ? visits.count : SAMPLES;
	qsort(visits.us, known, sizeof visits.us[0], by_size);
	printf("visits=%u p50_us=%lld max_us=%lld mb_s=%.1f retries=%u\n", visits.count,
	       (long long)visits.us[known / 2], (long long)visits.us[known - 1], rate,
	       visits.retries);
	return 0;
}

/* -- at a listener that is hostile ------------------------------------------------------------- */

/* ms, each wait. Between domains a visit is to come so far as to be lied to. */
#define SHORT 100
#define SHORT_BETWEEN_DOMAINS 3000
/* Of a visit, beside its waits: connecting, three transfers, and a busy machine. */
#define WAITS 4
#define ENOUGH 2000

static bool is_documented(int error)
{
	static const int known[] = { ECONNREFUSED, ETIMEDOUT, EPROTO, EDQUOT,     ENOSPC,
				     EOPNOTSUPP,   EACCES,    EPIPE,  ECONNRESET, EHOSTUNREACH };

	for (size_t at = 0; at < sizeof known / sizeof known[0]; at++)
		if (known[at] == error)
			return true;
	return false;
}

static void check_call(const char *what, ssize_t result)
{
	if (result < 0 && !is_documented(errno))
		give_up(what);
}

static bool one_try(const char *address, enum xsock_role role, int limit)
{
	const struct xsock_options options = {
		.role = role, .connect_timeout = limit, .send_timeout = limit, .recv_timeout = limit
	};
	struct xsock *socket = xsock_connect(address, &options);
	char bytes[2 * RING] = "";

	if (!socket) {
		check_call("a connect fails as documented", -1);
		return false;
	}
	check_call("a send fails as documented", xsock_send(socket, bytes, 100, 0));
	check_call("a receive fails as documented", xsock_recv(socket, bytes, sizeof bytes, 0));
	check_call("a send fails as documented", xsock_send(socket, bytes, sizeof bytes, 0));
	xsock_close(socket);
	return true;
}

int suffer(const char *address, enum xsock_role role, unsigned count)
{
	const int limit = limit_here(SHORT, SHORT_BETWEEN_DOMAINS);
	unsigned connected = 0;
	int64_t most = 0;

	for (unsigned number = 0; number < count; number++) {
		int64_t began = now_ms(), took;
		bool came = one_try(address, role, limit);

		took = now_ms() - began;
		connected += came;
		most = took > most ? took : most;
		if (took > WAITS * limit + ENOUGH)
			give_up("a visit to a hostile listener ends in time");
		if (!came)
			doze(1);
	}
	printf("tries=%u connected=%u longest_ms=%lld\n", count, connected, (long long)most);
	return 0;
}
