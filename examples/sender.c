/* SPDX-License-Identifier: 0BSD */
/* Sends standard input to a service of another domain: sender DOMAIN/SERVICE */
#include <stdio.h>
#include <unistd.h>
#include <xsock/xsock.h>

int main(int argc, char **argv)
{
	struct xsock_options options = { .direction = XSOCK_DIR_SEND };
	static char buffer[1 << 18];
	struct xsock *socket;
	ssize_t got;

	if (argc != 2) {
		fprintf(stderr, "usage: sender DOMAIN/SERVICE\n");
		return 1;
	}
	socket = xsock_connect(argv[1], &options);
	if (!socket) {
		fprintf(stderr, "sender: %s: %s\n", argv[1], xsock_last_error());
		return 1;
	}
	while ((got = read(STDIN_FILENO, buffer, sizeof buffer)) > 0) {
		if (xsock_send(socket, buffer, (size_t)got, 0) != got) {
			fprintf(stderr, "sender: %s: %s\n", argv[1], xsock_last_error());
			return 1;
		}
	}
	if (got < 0) {
		perror("sender: standard input");
		return 1; /* without xsock_close: the receiver sees that this was not the end */
	}
	xsock_close(socket);
	return 0;
}
