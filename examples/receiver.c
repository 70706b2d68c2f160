/* SPDX-License-Identifier: 0BSD */
/* Listens on a service and writes what one sender sends to standard output: receiver SERVICE */
#include <stdio.h>
#include <xsock/xsock.h>

int main(int argc, char **argv)
{
	struct xsock_options options = { .direction = XSOCK_DIR_RECV };
	static char buffer[1 << 18];
	struct xsock *listener, *socket;
	ssize_t got;

	if (argc != 2) {
		fprintf(stderr, "usage: receiver SERVICE\n");
		return 1;
	}
	listener = xsock_listen(argv[1], &options);
	socket = listener ? xsock_accept(listener, -1) : NULL;
	if (!socket) {
		fprintf(stderr, "receiver: %s: %s\n", argv[1], xsock_last_error());
		xsock_close(listener);
		return 1;
	}
	xsock_close(listener); /* one sender is all this program wants */
	while ((got = xsock_recv(socket, buffer, sizeof buffer, 0)) > 0) {
		if (fwrite(buffer, 1, (size_t)got, stdout) != (size_t)got)
			break;
	}
	if (got < 0)
		fprintf(stderr, "receiver: %s: %s\n", argv[1], xsock_last_error());
	xsock_close(socket);
	if (fflush(stdout) || ferror(stdout))
		perror("receiver: standard output");
	return got != 0 || ferror(stdout);
}
