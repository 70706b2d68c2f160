/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A server as anybody would write it: one loop over epoll, everything comes back. Whatever its
 * clients do costs it their connections, and in the end it holds nothing more than at first. */
#include "hostile.h"

#include "support/leaks.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define AT_A_TIME 16 /* transfers of one client before the others have their turn */

struct client {
	struct client *next, **before;
	struct xsock *socket;
	char bytes[16384];
	size_t first, last; /* those not sent back yet */
};

static struct client *clients;
static volatile sig_atomic_t ended;

static void note_end(int signal)
{
	(void)signal;
	ended = 1;
}

static bool add(int epoll_fd, struct xsock *socket, void *data)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = data };
	int fd = xsock_fd(socket);

	return fd >= 0 && epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

static void drop(struct client *client)
{
	*client->before = client->next;
	if (client->next)
		client->next->before = client->before;
	xsock_close(client->socket);
	free(client);
}

static void welcome(int epoll_fd, struct xsock *socket)
{
	struct client *client = calloc(1, sizeof *client);

	if (!client || !add(epoll_fd, socket, client)) {
		xsock_close(socket);
		free(client);
		return;
	}
	client->socket = socket;
	client->next = clients;
	client->before = &clients;
	if (clients)
		clients->before = &client->next;
	clients = client;
}

/* As many as there are, and not for ever if they never end. */
static void accept_some(struct xsock *listener, int epoll_fd)
{
	for (int count = 0; count < AT_A_TIME; count++) {
		struct xsock *socket = xsock_accept(listener, 0);

		if (socket)
			welcome(epoll_fd, socket);
		else if (errno == EAGAIN)
			return;
	}
}

/* 1 when something was moved, 0 when there is nothing to move, -1 at the end. */
static int transfer(struct client *client)
{
	ssize_t count;

	if (client->first < client->last) {
		count = xsock_send(client->socket, client->bytes + client->first,
				   client->last - client->first, MSG_DONTWAIT);
		client->first += count > 0 ? (size_t)count : 0;
	} else {
		count = xsock_recv(client->socket, client->bytes, sizeof client->bytes,
				   MSG_DONTWAIT);
		client->first = 0;
		client->last = count > 0 ? (size_t)count : 0;
		if (count == 0)
			return -1;
	}
	if (count < 0)
		return errno == EAGAIN ? 0 : -1;
	return 1;
}

static void work_for(struct client *client)
{
	int moved = 1;

	for (int count = 0; count < AT_A_TIME && moved > 0; count++)
		moved = transfer(client);
	if (moved < 0)
		drop(client);
	else
		xsock_set_events(client->socket, client->first < client->last ? POLLOUT : POLLIN);
}

static void work(struct xsock *listener, int epoll_fd)
{
	struct epoll_event events[64];

	while (!ended) {
		int count = epoll_wait(epoll_fd, events, 64, 1000);

		for (int at = 0; at < count; at++) {
			if (events[at].data.ptr)
				work_for(events[at].data.ptr);
			else
				accept_some(listener, epoll_fd);
		}
	}
}

static const char *const causes[XSOCK_REFUSALS] = {
	[XSOCK_REFUSED_CLASH] = "clash",
	[XSOCK_REFUSED_MALFORMED] = "malformed",
	[XSOCK_REFUSED_PAGES] = "pages",
	[XSOCK_REFUSED_RESOURCES] = "resources",
	[XSOCK_REFUSED_UNFINISHED] = "unfinished",
	[XSOCK_REFUSED_REQUESTS] = "requests",
	[XSOCK_REFUSED_DOMAIN_BACKLOG] = "domain-backlog",
	[XSOCK_REFUSED_BACKLOG] = "backlog",
	[XSOCK_REFUSED_DOMAIN_RATE] = "domain-rate",
	[XSOCK_REFUSED_RATE] = "rate",
	[XSOCK_REFUSED_DOMAIN_CONNECTIONS] = "domain-connections",
	[XSOCK_REFUSED_CONNECTIONS] = "connections",
	[XSOCK_REFUSED_DOMAIN_BYTES] = "domain-bytes",
	[XSOCK_REFUSED_BYTES] = "bytes",
	[XSOCK_REFUSED_RING] = "ring",
};

static void report(struct xsock *listener)
{
	struct xsock_info info;

	if (xsock_get_info(listener, &info, sizeof info) != 0)
		return;
	printf("accepted %llu, refused %llu", (unsigned long long)info.accepted,
	       (unsigned long long)info.refused);
	for (int cause = 0; cause < XSOCK_REFUSALS; cause++)
		if (info.refused_by[cause] > 0)
			printf(", %s %llu", causes[cause],
			       (unsigned long long)info.refused_by[cause]);
	printf("; last: %s\n", info.refused > 0 ? info.last_refusal_text : "none");
}

static bool serve_until_ended(const char *service)
{
	struct xsock *listener = xsock_listen(service, NULL);
	int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	bool good = listener && epoll_fd >= 0 && add(epoll_fd, listener, NULL);

	if (good) {
		puts("listening");
		fflush(stdout);
		work(listener, epoll_fd);
		report(listener);
	} else {
		fprintf(stderr, "hostile: %s\n", xsock_last_error());
	}
	while (clients)
		drop(clients);
	xsock_close(listener);
	if (epoll_fd >= 0)
		close(epoll_fd);
	return good;
}

int serve(const char *service)
{
	struct sigaction action = { .sa_handler = note_end };
	struct leaks before;
	bool good;

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	/* stdio's own buffer is no leak. */
	setvbuf(stdout, NULL, _IONBF, 0);
	leaks_take(&before);
	good = serve_until_ended(service);
	good = leaks_none(&before, stdout) && good;
	leaks_free(&before);
	return good ? 0 : 1;
}
