/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An ordinary TCP program: connects to 127.0.0.1 from 127.0.0.2 and sends back what comes. Ends
 * with 0 at the end of it, 2 when the connection is reset, 1 otherwise. With "odd" behind the port
 * it makes calls before that which few programs make, and ends with 3 when they do not do what the
 * kernel does. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct sockaddr_in address(uint32_t host, int port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_addr.s_addr = htonl(host),
				     .sin_port = htons((uint16_t)port) };
}

static int failure(void)
{
	return errno == ECONNRESET || errno == EPIPE ? 2 : 1;
}

static int echo(int fd)
{
	char bytes[4096];
	ssize_t count;

	while ((count = read(fd, bytes, sizeof bytes)) > 0)
		for (ssize_t at = 0; at < count;) {
			ssize_t sent = write(fd, bytes + at, (size_t)(count - at));

			if (sent < 0)
				return failure();
			at += sent;
		}
	return count == 0 ? 0 : failure();
}

/* A length that is no int's: no byte behind it is touched. */
static bool error_of_length(int fd, socklen_t length)
{
	unsigned char bytes[8];
	socklen_t given = length < sizeof(int) ? length : sizeof(int);

	memset(bytes, 0x55, sizeof bytes);
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, bytes, &length) != 0 || length != given)
		return false;
	for (size_t at = 0; at < sizeof bytes; at++)
		if (bytes[at] != (at < given ? 0 : 0x55))
			return false;
	return true;
}

/* Control messages whose length is nonsense: the kernel's answer, and no look behind them. */
static bool control_of_length(size_t length)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {
		.header = { .cmsg_len = length, .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS }
	};
	char byte = 0;
	struct iovec piece = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = { .msg_iov = &piece,
				  .msg_iovlen = 1,
				  .msg_control = control.room,
				  .msg_controllen = sizeof control.room };
	int pair[2];
	bool refused;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
		return false;
	refused = sendmsg(pair[0], &message, 0) < 0 && errno == EINVAL;
	close(pair[0]);
	close(pair[1]);
	return refused;
}

/* All behind the standard ones is closed, but for what is not the program's. */
static bool closes_all_others(int fd)
{
	int other = dup(STDIN_FILENO);

	return other > fd && close_range((unsigned)fd + 1, UINT_MAX, 0) == 0 &&
	       fcntl(other, F_GETFD) < 0 && fcntl(fd, F_GETFD) >= 0;
}

static bool odd_calls(int fd)
{
	return error_of_length(fd, 0) && error_of_length(fd, 1) && error_of_length(fd, 4) &&
	       error_of_length(fd, 8) && control_of_length(1) && control_of_length(SIZE_MAX) &&
	       closes_all_others(fd);
}

int main(int count, char *arguments[])
{
	struct sockaddr_in from = address(INADDR_LOOPBACK + 1, 0), to;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (count != 2 && count != 3)
		return 1;
	to = address(INADDR_LOOPBACK, atoi(arguments[1]));
	signal(SIGPIPE, SIG_IGN);
	if (bind(fd, (struct sockaddr *)&from, sizeof from) != 0 ||
	    connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
		return 1;
	return count == 2 || odd_calls(fd) ? echo(fd) : 3;
}
