/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An ordinary TCP program: connects to 127.0.0.1 from 127.0.0.2 and sends back what comes. Ends
 * with 0 at the end of it, 2 when the connection is reset, 1 otherwise. */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
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

int main(int count, char *arguments[])
{
	struct sockaddr_in from = address(INADDR_LOOPBACK + 1, 0), to;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (count != 2)
		return 1;
	to = address(INADDR_LOOPBACK, atoi(arguments[1]));
	signal(SIGPIPE, SIG_IGN);
	if (bind(fd, (struct sockaddr *)&from, sizeof from) != 0 ||
	    connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
		return 1;
	return echo(fd);
}
