/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stream-io.h"

#include "fail.h"

#include <errno.h>
#include <limits.h>
#include <sys/socket.h>

void socket_send_all(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);

		if (sent < 0)
			fail_errno("send of %zu bytes", length);
		bytes += sent;
		length -= (size_t)sent;
	}
}

size_t socket_receive(int fd, char *buffer, size_t size, bool wait)
{
	ssize_t got = recv(fd, buffer, size, wait ? 0 : MSG_DONTWAIT);

	if (got < 0 && !wait && errno == EAGAIN)
		return 0;
	if (got < 0)
		fail_errno("recv");
	if (got == 0)
		fail("the other end closed too early");
	return (size_t)got;
}

static void set_buffer(int fd, int plain, int forced, int bytes)
{
	if (!setsockopt(fd, SOL_SOCKET, forced, &bytes, sizeof bytes))
		return;
	if (setsockopt(fd, SOL_SOCKET, plain, &bytes, sizeof bytes))
		fail_errno("a socket buffer of %d bytes", bytes);
}

void socket_buffers(int fd, size_t bytes)
{
	/* The kernel doubles it. */
	int asked = bytes < INT_MAX / 2 ? (int)bytes : INT_MAX / 2;

	set_buffer(fd, SO_SNDBUF, SO_SNDBUFFORCE, asked);
	set_buffer(fd, SO_RCVBUF, SO_RCVBUFFORCE, asked);
}

size_t socket_buffer(int fd)
{
	socklen_t length = sizeof(int);
	int bytes = 0;

	if (getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, &length))
		fail_errno("SO_SNDBUF");
	return (size_t)bytes;
}
