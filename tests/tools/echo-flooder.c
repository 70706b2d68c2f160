/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A client that sends and does not read until nothing more fits, says so, waits for a line, and
 * then reads all of it back: "full COUNT", and in the end "same".
 */
#include <errno.h>
#include <stdio.h>

#include <xsock/xsock.h>

#define QUIET_TIME 300 /* ms without space: the server is stuck, as it should be */

static unsigned char byte_at(size_t place)
{
	return (unsigned char)(place * 7 + place / 251);
}

static ssize_t send_more(struct xsock *socket, size_t place)
{
	unsigned char buffer[1000];

	for (size_t i = 0; i < sizeof buffer; i++)
		buffer[i] = byte_at(place + i);
	return xsock_send(socket, buffer, sizeof buffer, MSG_DONTWAIT);
}

static int fill(struct xsock *socket, size_t *count)
{
	struct xsock_pollfd entry = { .socket = socket, .events = POLLOUT };
	ssize_t sent;

	for (;;) {
		sent = send_more(socket, *count);
		if (sent > 0)
			*count += (size_t)sent;
		else if (errno != EAGAIN)
			return -1;
		else if (xsock_poll(&entry, 1, QUIET_TIME) == 0)
			return 0;
	}
}

static int read_back(struct xsock *socket, size_t count)
{
	unsigned char byte;

	for (size_t place = 0; place < count; place++) {
		if (xsock_recv(socket, &byte, 1, 0) != 1 || byte != byte_at(place))
			return -1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct xsock *socket = argc == 2 ? xsock_connect(argv[1], NULL) : NULL;
	size_t count = 0;
	int result = 1;

	if (socket && !fill(socket, &count)) {
		printf("full %zu\n", count);
		fflush(stdout);
		getchar();
		result = read_back(socket, count) ? 1 : 0;
	}
	puts(result ? xsock_last_error() : "same");
	xsock_close(socket);
	return result;
}
