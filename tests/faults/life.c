/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "life.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <xsock/xsock.h>

#include "board.h"

#define LIMIT 3000 /* ms, of a set-up and of a step */

struct pair {
	struct xsock *listener, *here, *there;
};

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void end(struct pair *pair)
{
	xsock_close(pair->here);
	xsock_close(pair->there);
	xsock_close(pair->listener);
	*pair = (struct pair){ 0 };
}

/* -- set-up ----------------------------------------------------------------------------------- */

/* One end: 1 when it is there, 0 when it is not yet, -1 when it will not be. */
static int try_accept(struct pair *pair)
{
	if (pair->there != NULL)
		return 1;
	pair->there = xsock_accept(pair->listener, 0);
	if (pair->there != NULL)
		return 1;
	return errno == EAGAIN || errno == EINTR ? 0 : -1;
}

static int try_finish(struct pair *pair)
{
	if (xsock_connect_finish(pair->here) == 0)
		return 1;
	return errno == EINPROGRESS || errno == EINTR ? 0 : -1;
}

/* Whatever fails at one end, the connector learns how it ended. */
static bool meet(struct pair *pair)
{
	int64_t limit = now() + 2 * LIMIT;
	int accepted = 0, finished = 0;

	while (accepted == 0 || finished == 0) {
		struct xsock_pollfd entries[2] = { { .socket = pair->listener, .events = POLLIN },
						   { .socket = pair->here, .events = POLLOUT } };

		if (accepted == 0)
			accepted = try_accept(pair);
		if (finished == 0)
			finished = try_finish(pair);
		if (finished < 0 || (accepted < 0 && finished > 0))
			return false;
		if (accepted > 0 && finished > 0)
			return true;
		entries[accepted != 0].socket = accepted ? pair->here : pair->listener;
		if (finished != 0)
			entries[1].socket = NULL;
		if (xsock_poll(entries, 2, 1000) < 0 && errno != EINTR)
			return false;
		if (now() > limit) {
			board_defect("a set-up had no end in %d ms", 2 * LIMIT);
			return false;
		}
	}
	return accepted > 0 && finished > 0;
}

static bool begin(struct pair *pair, const struct xsock_options *listening,
		  const struct xsock_options *connecting)
{
	struct xsock_options options = *connecting;

	options.flags |= XSOCK_NONBLOCK;
	options.connect_timeout = LIMIT;
	pair->listener = xsock_listen("life", listening);
	if (pair->listener == NULL)
		return false;
	pair->here = xsock_connect("1/life", &options);
	return pair->here != NULL && meet(pair) &&
	       xsock_set_timeouts(pair->here, LIMIT, LIMIT) == 0;
}

/* -- what is done in it ----------------------------------------------------------------------- */

static char bytes[65536], got[65536];

static bool wrong(const char *what)
{
	board_defect("wrong: %s", what);
	return false;
}

/* Of what was sent all is received and is right, unless a call says why not. */
static bool pass(struct xsock *from, struct xsock *to, size_t length)
{
	size_t done = 0;
	ssize_t sent = xsock_send(from, bytes, length, MSG_DONTWAIT);

	memset(got, 0, sizeof got);
	while (sent > 0 && done < (size_t)sent) {
		ssize_t count = xsock_recv(to, got + done, length - done, MSG_DONTWAIT);

		if (count <= 0)
			return count < 0 && errno != EAGAIN ? false : wrong("bytes were lost");
		done += (size_t)count;
	}
	if (memcmp(bytes, got, done) != 0)
		return wrong("bytes were changed");
	return sent > 0;
}

static bool both_ways(struct pair *pair)
{
	return pass(pair->here, pair->there, 1000) && pass(pair->there, pair->here, 3000);
}

static bool in_place(struct pair *pair)
{
	struct iovec span[2];

	if (xsock_send_reserve(pair->here, span, 100, MSG_DONTWAIT) < 0)
		return false;
	memcpy(span[0].iov_base, bytes, 100);
	if (xsock_send_commit(pair->here, 100) != 0 ||
	    xsock_recv_peek(pair->there, span, 100, MSG_DONTWAIT) < 0)
		return false;
	if (memcmp(span[0].iov_base, bytes, 100) != 0)
		return wrong("bytes were changed in place");
	return xsock_recv_consume(pair->there, 100) == 0;
}

/* What comes after the last call here. */
static bool shows(struct pair *pair)
{
	struct pollfd entry = { .fd = xsock_fd(pair->there), .events = POLLIN };

	if (entry.fd < 0 || xsock_send(pair->here, "w", 1, 0) != 1)
		return false;
	return poll(&entry, 1, LIMIT) > 0 || wrong("the descriptor did not show");
}

static bool waiting(struct pair *pair)
{
	struct xsock_pollfd entry = { .socket = pair->there, .events = POLLIN };
	char byte = 0;
	int count;

	if (!shows(pair))
		return false;
	count = xsock_poll(&entry, 1, LIMIT);
	if (count < 0)
		return false;
	if (count == 0 || entry.revents != POLLIN)
		return wrong("poll did not show");
	return xsock_recv_ready(pair->there) == 1 && xsock_recv(pair->there, &byte, 1, 0) == 1 &&
	       byte == 'w';
}

static bool halves(struct pair *pair)
{
	char rest[16];

	if (xsock_send(pair->here, "rest", 4, 0) != 4 || xsock_shutdown(pair->there, SHUT_RD) != 0)
		return false;
	if (xsock_send(pair->here, "x", 1, 0) >= 0 || errno != EPIPE)
		return wrong("a send after the other's SHUT_RD");
	if (xsock_send_withdraw(pair->here, rest, sizeof rest) != 4 || memcmp(rest, "rest", 4) != 0)
		return wrong("what was withdrawn");
	if (xsock_shutdown(pair->there, SHUT_WR) != 0)
		return false;
	return xsock_recv(pair->here, rest, sizeof rest, 0) == 0 || wrong("no end of stream");
}

/* -- lives ------------------------------------------------------------------------------------ */

static bool use(const struct xsock_options *listening, const struct xsock_options *connecting,
		bool (*work)(struct pair *pair))
{
	struct pair pair = { 0 };
	bool good = begin(&pair, listening, connecting) && work(&pair);

	end(&pair);
	return good;
}

static bool all_work(struct pair *pair)
{
	return both_ways(pair) && in_place(pair) && waiting(pair) && both_ways(pair) &&
	       halves(pair);
}

static bool live_granting(void)
{
	struct xsock_options none = { 0 }, granting = { .role = XSOCK_ROLE_GRANT };

	return use(&none, &granting, all_work);
}

static bool live_mapping(void)
{
	struct xsock_options none = { 0 }, mapping = { .role = XSOCK_ROLE_MAP };

	return use(&none, &mapping, all_work);
}

static bool live_allowed(void)
{
	unsigned domains[] = { 1, 7 };
	struct xsock_options listed = { .allow = domains, .allow_count = 2 }, none = { 0 };

	return use(&listed, &none, both_ways);
}

static bool one_direction(struct pair *pair)
{
	return pass(pair->here, pair->there, 1000);
}

static bool live_one_way(void)
{
	struct xsock_options none = { 0 }, one_way = { .direction = XSOCK_DIR_ONE_WAY };

	return use(&none, &one_way, one_direction);
}

/* More references than the control page holds. */
static bool live_large(void)
{
	struct xsock_options large = { .send_ring = 4 << 20, .recv_ring = 4 << 20 };

	return use(&large, &large, both_ways);
}

/* Growth that fails is none; the bytes go on. */
static bool grown(struct pair *pair)
{
	struct iovec span[2];

	for (int round = 0; round < 40; round++) {
		if (!pass(pair->here, pair->there, sizeof bytes) ||
		    !pass(pair->there, pair->here, sizeof bytes))
			return false;
	}
	/* Asks for a ring of four times the size, and tries again as the other end calls in. */
	for (int round = 0; round < 10; round++) {
		if (xsock_send_reserve(pair->here, span, 100000, MSG_DONTWAIT) < 0 &&
		    errno != EAGAIN && errno != EMSGSIZE)
			return false;
		if (!both_ways(pair))
			return false;
	}
	return true;
}

static bool live_growing_granted(void)
{
	struct xsock_options small = { .ring_start = 4096 };
	struct xsock_options granting = { .ring_start = 4096, .role = XSOCK_ROLE_GRANT };

	return use(&small, &granting, grown);
}

static bool live_growing_mapped(void)
{
	struct xsock_options small = { .ring_start = 4096 };
	struct xsock_options mapping = { .ring_start = 4096, .role = XSOCK_ROLE_MAP };

	return use(&small, &mapping, grown);
}

/* The connector comes first. */
static bool live_awaited(void)
{
	struct xsock_options options = { .flags = XSOCK_NONBLOCK | XSOCK_AWAIT,
					 .connect_timeout = LIMIT };
	struct pair pair = { .here = xsock_connect("1/life", &options) };
	bool good = pair.here != NULL;

	if (good)
		pair.listener = xsock_listen("life", NULL);
	good = good && pair.listener != NULL && meet(&pair) && both_ways(&pair);
	end(&pair);
	return good;
}

static bool refused(const char *address, int expected)
{
	struct xsock *socket = xsock_connect(address, NULL);

	xsock_close(socket);
	return socket == NULL && errno == expected;
}

static bool live_nobody(void)
{
	return refused("1/nobody", ECONNREFUSED);
}

static bool live_no_domain(void)
{
	return refused("9/nobody", EHOSTUNREACH);
}

/* -- addresses -------------------------------------------------------------------------------- */

static bool owned_by(const char *text, unsigned owner)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	unsigned domain = 99;

	inet_pton(AF_INET, text, &address.sin_addr);
	if (xsock_lookup((struct sockaddr *)&address, sizeof address, NULL, &domain) != 0)
		return false;
	return domain == owner || wrong("another domain owns the address");
}

static bool live_lookup(void)
{
	const char *path = getenv("XSOCK_HOSTS");
	FILE *file = fopen(path, "we");

	fputs("10.0.0.1 7\n10.0.0.2 8\n", file);
	fclose(file);
	return owned_by("10.0.0.1", 7) && owned_by("10.0.0.2", 8);
}

const struct life lives[] = {
	{ "granting", false, live_granting },
	{ "mapping", false, live_mapping },
	{ "mapping-watched", true, live_mapping },
	{ "allowed", false, live_allowed },
	{ "one-way", false, live_one_way },
	{ "large", false, live_large },
	{ "growing-granted", false, live_growing_granted },
	{ "growing-mapped", false, live_growing_mapped },
	{ "awaited", false, live_awaited },
	{ "nobody", false, live_nobody },
	{ "no-domain", false, live_no_domain },
	{ "lookup", false, live_lookup },
	{ 0 },
};
