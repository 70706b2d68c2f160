/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "expect.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void check_failure(int seen, int error, const char *word, const char *what, const char *file,
			  int line)
{
	const char *sentence = xsock_last_error();

	if (seen == error && strstr(sentence, word))
		return;
	printf("# %s:%d: %s failed with \"%s\", not \"%s\": %s (looked for '%s')\n", file, line,
	       what, strerror(seen), strerror(error), sentence, word);
	fflush(stdout);
	_exit(1);
}

void fails_at(long result, int error, const char *word, const char *what, const char *file,
	      int line)
{
	int seen = errno;

	check_result_at(result, -1, what, file, line);
	check_failure(seen, error, word, what, file, line);
}

void fails_to_open_at(const struct xsock *socket, int error, const char *word, const char *what,
		      const char *file, int line)
{
	int seen = errno;

	check_at(socket == NULL, what, file, line);
	check_failure(seen, error, word, what, file, line);
}

void nap(int64_t limit, const char *what, const char *file, int line)
{
	check_at(now_us() < limit, what, file, line);
	poll(NULL, 0, 1);
}

struct xsock_info info_of(struct xsock *socket)
{
	struct xsock_info info;

	CHECK_RESULT(xsock_get_info(socket, &info, sizeof info), 0);
	return info;
}

static short poll_one(struct xsock *socket, short events, int timeout)
{
	struct xsock_pollfd entry = { .socket = socket, .events = events };
	int count = xsock_poll(&entry, 1, timeout);

	CHECK_RESULT(count, entry.revents != 0);
	return entry.revents;
}

short ready_now(struct xsock *socket, short events)
{
	return poll_one(socket, events, 0);
}

short await_ready(struct xsock *socket, short events)
{
	short ready = poll_one(socket, events, WAIT_LIMIT);

	CHECK(ready != 0);
	return ready;
}

static int poll_descriptor(struct xsock *socket, int timeout)
{
	struct pollfd entry = { .fd = xsock_fd(socket), .events = POLLIN };

	CHECK(entry.fd >= 0);
	return poll(&entry, 1, timeout);
}

bool descriptor_shows(struct xsock *socket)
{
	return poll_descriptor(socket, 0) > 0;
}

void await_descriptor(struct xsock *socket)
{
	CHECK_RESULT(poll_descriptor(socket, WAIT_LIMIT), 1);
}
