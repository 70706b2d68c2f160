/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The kernel's sockets: AF_UNIX stream and seqpacket, TCP. */
#include "adaptors.h"

#include "fail.h"
#include "stream-io.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct end {
	int fd;
};

union address {
	struct sockaddr any;
	struct sockaddr_un local;
	struct sockaddr_in internet;
};

static int listener = -1;
static in_port_t tcp_port; /* known before the processes part */

static int new_socket(const struct plan *plan, int family, int type)
{
	int fd = socket(family, type | SOCK_CLOEXEC, 0);

	if (fd < 0)
		fail_errno("socket");
	if (plan->peer != &tcp_auto)
		socket_buffers(fd, plan->ring);
	return fd;
}

static struct end *end_of(int fd)
{
	struct end *end = malloc(sizeof *end);

	if (!end)
		fail("no memory for a connection");
	end->fd = fd;
	return end;
}

static int accept_one(void)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		fail_errno("accept");
	return fd;
}

static socklen_t unix_address(const struct plan *plan, union address *address)
{
	memset(address, 0, sizeof *address);
	address->local.sun_family = AF_UNIX;
	snprintf(address->local.sun_path, sizeof address->local.sun_path, "%s/socket",
		 plan->directory);
	return sizeof address->local;
}

static void unix_listen(const struct plan *plan, int type)
{
	union address address;
	socklen_t length = unix_address(plan, &address);

	listener = new_socket(plan, AF_UNIX, type);
	if (bind(listener, &address.any, length) || listen(listener, SOMAXCONN))
		fail_errno("%s", address.local.sun_path);
}

static struct end *unix_open(const struct plan *plan, enum side side, int type)
{
	union address address;
	socklen_t length = unix_address(plan, &address);
	int fd;

	if (side == SIDE_LISTENS) {
		fd = accept_one();
		socket_buffers(fd, plan->ring);
		return end_of(fd);
	}
	fd = new_socket(plan, AF_UNIX, type);
	if (connect(fd, &address.any, length))
		fail_errno("%s", address.local.sun_path);
	return end_of(fd);
}

static void stream_listen(const struct plan *plan)
{
	unix_listen(plan, SOCK_STREAM);
}

static struct end *stream_open(const struct plan *plan, enum side side, unsigned index)
{
	(void)index;
	return unix_open(plan, side, SOCK_STREAM);
}

static void seqpacket_listen(const struct plan *plan)
{
	unix_listen(plan, SOCK_SEQPACKET);
}

static struct end *seqpacket_open(const struct plan *plan, enum side side, unsigned index)
{
	(void)index;
	return unix_open(plan, side, SOCK_SEQPACKET);
}

static union address tcp_address(const struct plan *plan)
{
	union address address = { .internet = { .sin_family = AF_INET,
						.sin_port = htons((in_port_t)plan->port) } };

	if (!inet_aton(plan->home[SIDE_LISTENS].address, &address.internet.sin_addr))
		fail("\"%s\" is no Internet address", plan->home[SIDE_LISTENS].address);
	if (plan->port == 0)
		address.internet.sin_port = tcp_port;
	return address;
}

static void tcp_prepare(const struct plan *plan)
{
	union address address = tcp_address(plan);
	socklen_t length = sizeof address.internet;
	int one = 1;

	/* Here already, so that both processes know the port. */
	listener = new_socket(plan, AF_INET, SOCK_STREAM);
	if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) ||
	    bind(listener, &address.any, length) || listen(listener, SOMAXCONN) ||
	    getsockname(listener, &address.any, &length))
		fail_errno("a port at %s", plan->home[SIDE_LISTENS].address);
	tcp_port = address.internet.sin_port;
}

static struct end *tcp_open(const struct plan *plan, enum side side, unsigned index)
{
	union address address = tcp_address(plan);
	int one = 1, fd;

	(void)index;
	if (side == SIDE_LISTENS) {
		fd = accept_one();
	} else {
		fd = new_socket(plan, AF_INET, SOCK_STREAM);
		if (connect(fd, &address.any, sizeof address.internet))
			fail_errno("connect to %s", plan->home[SIDE_LISTENS].address);
	}
	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one))
		fail_errno("TCP_NODELAY");
	return end_of(fd);
}

static void send_messages(struct end *end, const char *messages, size_t size, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		socket_send_all(end->fd, messages + i * size, size);
}

static size_t receive(struct end *end, char *buffer, size_t size, bool wait)
{
	return socket_receive(end->fd, buffer, size, wait);
}

static void close_end(struct end *end)
{
	close(end->fd);
	free(end);
}

static int descriptor(struct end *end)
{
	return end->fd;
}

static size_t buffer_size(struct end *end)
{
	return socket_buffer(end->fd);
}

/* A record goes as one or not at all, and its bookkeeping counts. */
static const char *seqpacket_refuses(const struct plan *plan)
{
	return plan->size > plan->ring ? "a record does not fit its buffer" : NULL;
}

const struct peer unix_stream = {
	.name = "unix",
	.kind = "real",
	.abilities = ABLE_ALL,
	.listen = stream_listen,
	.open = stream_open,
	.send = send_messages,
	.receive = receive,
	.close = close_end,
	.descriptor = descriptor,
	.buffer = buffer_size,
};

const struct peer unix_seqpacket = {
	.name = "seqpacket",
	.kind = "real",
	.abilities = ABLE_ALL,
	.listen = seqpacket_listen,
	.open = seqpacket_open,
	.send = send_messages,
	.receive = receive,
	.close = close_end,
	.descriptor = descriptor,
	.buffer = buffer_size,
	.refuses = seqpacket_refuses,
};

const struct peer tcp = {
	.name = "tcp",
	.kind = "real",
	.abilities = ABLE_ALL | ABLE_APART,
	.prepare = tcp_prepare,
	.open = tcp_open,
	.send = send_messages,
	.receive = receive,
	.close = close_end,
	.descriptor = descriptor,
	.buffer = buffer_size,
};

/* With the buffers that the kernel finds right. */
const struct peer tcp_auto = {
	.name = "tcp-auto",
	.kind = "real",
	.abilities = ABLE_STREAM | ABLE_APART,
	.prepare = tcp_prepare,
	.open = tcp_open,
	.send = send_messages,
	.receive = receive,
	.close = close_end,
	.buffer = buffer_size,
};
