/* SPDX-License-Identifier: 0BSD */
/* Sends back what its clients send, many of them in one epoll loop: echo-server SERVICE */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <xsock/xsock.h>

struct client {
	struct xsock *socket;
	size_t start, end; /* what of the buffer is still to be sent back */
	char buffer[16384];
};

/* The pointer of the listener's own event is NULL. */
static int watch(int epoll, struct xsock *socket, struct client *client)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = client };

	return epoll_ctl(epoll, EPOLL_CTL_ADD, xsock_fd(socket), &event);
}

static void drop(struct client *client)
{
	xsock_close(client->socket); /* closes its descriptor, so epoll forgets it */
	free(client);
}

static void welcome(int epoll, struct xsock *listener)
{
	struct xsock *socket = xsock_accept(listener, 0);
	struct client *client;

	if (!socket) {
		if (errno != EAGAIN)
			fprintf(stderr, "echo-server: %s\n", xsock_last_error());
		return;
	}
	client = calloc(1, sizeof *client);
	if (!client || watch(epoll, socket, client)) {
		perror("echo-server");
		xsock_close(socket);
		free(client);
		return;
	}
	client->socket = socket;
	/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): epoll has it */
}

/* Moves a buffer's worth at most, so that no client keeps the others waiting. -1: it is over. */
static int serve(struct client *client)
{
	ssize_t count;

	if (client->start == client->end) {
		count = xsock_recv(client->socket, client->buffer, sizeof client->buffer, 0);
		if (count <= 0)
			return count < 0 && errno == EAGAIN ? 0 : -1;
		client->start = 0;
		client->end = (size_t)count;
	}
	count = xsock_send(client->socket, client->buffer + client->start,
			   client->end - client->start, 0);
	if (count < 0 && errno != EAGAIN)
		return -1;
	if (count > 0)
		client->start += (size_t)count;
	/* With bytes left over wait for space; reading more would need a place to put it. */
	return xsock_set_events(client->socket, client->start < client->end ? POLLOUT : POLLIN);
}

static int run(int epoll, struct xsock *listener)
{
	struct epoll_event events[64];
	int count;

	for (;;) {
		count = epoll_wait(epoll, events, 64, -1);
		if (count < 0 && errno != EINTR)
			return perror("echo-server: epoll_wait"), 1;
		for (int i = 0; i < count; i++) {
			struct client *client = events[i].data.ptr;

			if (!client)
				welcome(epoll, listener);
			else if (serve(client) < 0)
				drop(client);
		}
	}
}

int main(int argc, char **argv)
{
	struct xsock_options options = { .flags = XSOCK_NONBLOCK };
	struct xsock *listener;
	int epoll;

	if (argc != 2) {
		fprintf(stderr, "usage: echo-server SERVICE\n");
		return 1;
	}
	epoll = epoll_create1(EPOLL_CLOEXEC);
	listener = xsock_listen(argv[1], &options);
	if (epoll < 0 || !listener || watch(epoll, listener, NULL)) {
		fprintf(stderr, "echo-server: %s: %s\n", argv[1],
			listener ? "no epoll" : xsock_last_error());
		return 1;
	}
	return run(epoll, listener);
}
