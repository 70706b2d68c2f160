/* SPDX-License-Identifier: 0BSD */
/* Sends each line of standard input to an echo server and prints the answer: echo-client
 * DOMAIN/echo */
#include <stdio.h>
#include <string.h>
#include <xsock/xsock.h>

static int failed(const char *address)
{
	fprintf(stderr, "echo-client: %s: %s\n", address, xsock_last_error());
	return 1;
}

int main(int argc, char **argv)
{
	char line[4096];
	struct xsock *socket;
	ssize_t length;

	if (argc != 2) {
		fprintf(stderr, "usage: echo-client DOMAIN/SERVICE\n");
		return 1;
	}
	socket = xsock_connect(argv[1], NULL);
	if (!socket)
		return failed(argv[1]);
	while (fgets(line, sizeof line, stdin)) {
		length = (ssize_t)strlen(line);
		if (xsock_send(socket, line, (size_t)length, 0) != length)
			return failed(argv[1]);
		if (xsock_recv(socket, line, (size_t)length, MSG_WAITALL) != length)
			return failed(argv[1]);
		fwrite(line, 1, (size_t)length, stdout);
		fflush(stdout);
	}
	xsock_close(socket);
	return 0;
}
