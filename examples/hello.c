/* SPDX-License-Identifier: 0BSD */
/* One domain runs "hello", another "hello DOMAIN/hello" with the first one's number. */
#include <stdio.h>
#include <xsock/xsock.h>

int main(int argc, char **argv)
{
	char text[64] = "Hello from another domain!";
	struct xsock *listener = argc > 1 ? NULL : xsock_listen("hello", NULL);
	struct xsock *socket = argc > 1 ? xsock_connect(argv[1], NULL) : NULL;

	if (listener)
		socket = xsock_accept(listener, -1);
	if (argc > 1 && socket)
		xsock_send(socket, text, sizeof text, 0);
	else if (socket && xsock_recv(socket, text, sizeof text, MSG_WAITALL) == sizeof text)
		printf("%.64s\n", text);
	if (!socket)
		fprintf(stderr, "hello: %s\n", xsock_last_error());
	xsock_close(socket);
	xsock_close(listener);
	return socket ? 0 : 1;
}
