/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <arpa/inet.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pair.h"
#include "common/stream.h"
#include "preload/real.h"

#define CHUNK 5000

void die(const char *what)
{
	fprintf(stderr, "# %s: %s\n", what, strerror(errno));
	/* Other threads are in the middle of things. */
	abort();
}

int listener_make(struct sockaddr_in *address)
{
	int fd = real.socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t length = sizeof *address;

	*address = (struct sockaddr_in){ .sin_family = AF_INET,
					 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	if (fd < 0 || real.bind(fd, (struct sockaddr *)address, length) != 0 ||
	    real.listen(fd, 16) != 0 ||
	    real.getsockname(fd, (struct sockaddr *)address, &length) != 0)
		die("no listener");
	return fd;
}

int connect_to(const struct sockaddr_in *address)
{
	int fd = real.socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || real.connect(fd, (const struct sockaddr *)address, sizeof *address) != 0)
		die("connect");
	return fd;
}

void pair_make(struct pair *pair, enum ending ending, uint64_t total)
{
	static uint64_t key;
	struct sockaddr_in address;
	int listener = listener_make(&address);

	*pair = (struct pair){ .ending = ending, .total = total, .key = { key + 1, key + 2 } };
	key += 2;
	pair->end[0] = connect_to(&address);
	pair->end[1] = real.accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (pair->end[1] < 0)
		die("accept");
	real.close(listener);
}

/* What TCP says to who goes on with a connection that another thread, or the other end, ended. */
static void check_end(const struct pair *pair, const char *what)
{
	if (pair->ending == WHOLE || (errno != EPIPE && errno != ECONNRESET && errno != EBADF))
		die(what);
}

void pair_send(struct pair *pair, int end)
{
	char bytes[CHUNK];
	uint64_t sent = 0;

	while (pair->total == 0 || sent < pair->total) {
		size_t length = sizeof bytes;
		ssize_t count;

		if (pair->total != 0 && length > pair->total - sent)
			length = (size_t)(pair->total - sent);
		stream_fill(pair->key[end], sent, bytes, length);
		count = real.send(pair->end[end], bytes, length, MSG_NOSIGNAL);
		if (count < 0) {
			check_end(pair, "send");
			return;
		}
		sent += (uint64_t)count;
	}
	if (real.shutdown(pair->end[end], SHUT_WR) != 0)
		die("shutdown");
}

void pair_receive(struct pair *pair, int end)
{
	char bytes[CHUNK];
	uint64_t received = 0;
	ssize_t count;

	while ((count = real.recv(pair->end[end], bytes, sizeof bytes, 0)) > 0) {
		int64_t wrong = stream_differs(pair->key[1 - end], received, bytes, (size_t)count);

		if (wrong >= 0) {
			fprintf(stderr, "# end %d, byte %jd\n", end, (intmax_t)received + wrong);
			die("wrong bytes");
		}
		received += (uint64_t)count;
		__atomic_store_n(&pair->received[end], received, __ATOMIC_RELEASE);
	}
	if (count < 0)
		check_end(pair, "receive");
	if (pair->ending == WHOLE && received != pair->total)
		die("too few bytes");
}

void pair_await(struct pair *pair, uint64_t count)
{
	for (int end = 0; end < 2; end++)
		while (__atomic_load_n(&pair->received[end], __ATOMIC_ACQUIRE) < count)
			sched_yield();
}
