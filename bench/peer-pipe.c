/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A pipe each way, inherited: pipes have no other set-up between processes. */
#include "adaptors.h"

#include "fail.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

struct end {
	int in, out;
};

static int (*pairs)[2][2]; /* of each connection: there and back */

static void new_pipe(int pipe_ends[2], size_t bytes)
{
	int asked = bytes < INT_MAX ? (int)bytes : INT_MAX;

	if (pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK))
		fail_errno("pipe");
	/* Where the system's limit is lower, the most that it gives. */
	while (asked > 4096 && fcntl(pipe_ends[1], F_SETPIPE_SZ, asked) < 0)
		asked /= 2;
}

static void prepare(const struct plan *plan)
{
	pairs = calloc(plan->connections, sizeof *pairs);
	if (!pairs)
		fail("no memory for %u connections", plan->connections);
	for (unsigned i = 0; i < plan->connections; i++) {
		new_pipe(pairs[i][0], plan->ring);
		new_pipe(pairs[i][1], plan->ring);
	}
}

static struct end *open_end(const struct plan *plan, enum side side, unsigned index)
{
	struct end *end = malloc(sizeof *end);
	int there = side == SIDE_LISTENS, back = !there;

	(void)plan;
	if (!end)
		fail("no memory for a connection");
	*end = (struct end){ .in = pairs[index][back][0], .out = pairs[index][there][1] };
	close(pairs[index][there][0]);
	close(pairs[index][back][1]);
	return end;
}

static void await(int fd, short event)
{
	struct pollfd entry = { .fd = fd, .events = event };

	if (poll(&entry, 1, -1) < 0)
		fail_errno("poll");
}

static void send_all(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t sent = write(fd, bytes, length);

		if (sent < 0 && errno != EAGAIN)
			fail_errno("write to a pipe");
		if (sent < 0) {
			await(fd, POLLOUT);
			continue;
		}
		bytes += sent;
		length -= (size_t)sent;
	}
}

static void send_messages(struct end *end, const char *messages, size_t size, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		send_all(end->out, messages + i * size, size);
}

static size_t receive(struct end *end, char *buffer, size_t size, bool wait)
{
	for (;;) {
		ssize_t got = read(end->in, buffer, size);

		if (got > 0)
			return (size_t)got;
		if (got == 0)
			fail("the other end of a pipe closed too early");
		if (errno != EAGAIN)
			fail_errno("read from a pipe");
		if (!wait)
			return 0;
		await(end->in, POLLIN);
	}
}

static void close_end(struct end *end)
{
	close(end->in);
	close(end->out);
	free(end);
}

static int descriptor(struct end *end)
{
	return end->in;
}

static size_t buffer_size(struct end *end)
{
	int bytes = fcntl(end->in, F_GETPIPE_SZ);

	return bytes < 0 ? 0 : (size_t)bytes;
}

const struct peer unix_pipe = {
	.name = "pipe",
	.kind = "real",
	.abilities = ABLE_ALL & ~ABLE_CONNECT,
	.prepare = prepare,
	.open = open_end,
	.send = send_messages,
	.receive = receive,
	.close = close_end,
	.descriptor = descriptor,
	.buffer = buffer_size,
};
