/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The other end of xsock send --sha256 and xsock recv --sha256, which errs as it is told to. */
#include <stdio.h>
#include <string.h>

#include <xsock/xsock.h>

#define MAGIC "XSOCK-SHA256 v1\n"
#define MAGIC_BYTES 16

static const char zeros[32];

static int send_all(struct xsock *socket, const void *bytes, size_t length)
{
	return xsock_send(socket, bytes, length, 0) == (ssize_t)length ? 0 : -1;
}

static int receive_like(struct xsock *socket, const char *behaviour)
{
	static const struct {
		const char *behaviour;
		char verdict;
	} verdicts[] = {
		{ "stored", 'S' }, { "differs", 'D' }, { "failed", 'F' }, { "babble", '?' }
	};
	char buffer[4096];

	if (!strcmp(behaviour, "greet-wrong"))
		return send_all(socket, "XSOCK-MD5 v1.00\n", MAGIC_BYTES);
	if (send_all(socket, MAGIC, MAGIC_BYTES))
		return -1;
	while (xsock_recv(socket, buffer, sizeof buffer, 0) > 0)
		;
	for (size_t i = 0; i < sizeof verdicts / sizeof verdicts[0]; i++) {
		if (!strcmp(behaviour, verdicts[i].behaviour))
			return send_all(socket, &verdicts[i].verdict, 1);
	}
	return 0; /* silent */
}

static int send_like(struct xsock *socket, const char *behaviour)
{
	char greeting[MAGIC_BYTES];

	if (xsock_recv(socket, greeting, MAGIC_BYTES, MSG_WAITALL) != MAGIC_BYTES)
		return -1;
	if (!strcmp(behaviour, "no-header"))
		return send_all(socket, MAGIC, 5);
	if (send_all(socket, MAGIC, MAGIC_BYTES) || send_all(socket, zeros, 8))
		return -1;
	if (!strcmp(behaviour, "no-digest"))
		return send_all(socket, zeros, 31);
	return send_all(socket, "data", 4) ||
	       send_all(socket, zeros, sizeof zeros); /* wrong-digest */
}

/* dialogue-peer BEHAVIOUR SERVICE receives, dialogue-peer BEHAVIOUR DOMAIN/SERVICE sends. */
int main(int argc, char **argv)
{
	struct xsock *listener = NULL, *socket = NULL;
	int result;

	if (argc != 3)
		return 2;
	if (strchr(argv[2], '/')) {
		socket = xsock_connect(argv[2], NULL);
	} else {
		listener = xsock_listen(argv[2], NULL);
		socket = listener ? xsock_accept(listener, -1) : NULL;
	}
	if (!socket) {
		fprintf(stderr, "dialogue-peer: %s\n", xsock_last_error());
		xsock_close(listener);
		return 1;
	}
	result = listener ? receive_like(socket, argv[1]) : send_like(socket, argv[1]);
	xsock_close(socket);
	xsock_close(listener);
	return result ? 1 : 0;
}
