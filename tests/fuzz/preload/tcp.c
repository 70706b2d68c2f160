/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tcp.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/time.h>

#include "preload/real.h"
#include "world/input.h"
#include "world/lies.h"
#include "world/world.h"

/* As the kernel numbers them. */
enum { ESTABLISHED = 1, FIN_WAIT = 5, CLOSED = 7, CLOSE_WAIT = 8 };

#define ROOM 5000     /* bytes that were not acknowledged yet */
#define TIME_LIMIT 20 /* ms, of SO_RCVTIMEO and SO_SNDTIMEO */

static struct {
	uint64_t come, read, written, acknowledged;
	bool ended, reset, shut_read, shut_write;
	bool hidden; /* the bell stands at its number */
	short bell;
} tcp;

void tcp_begin(void)
{
	memset(&tcp, 0, sizeof tcp);
}

void tcp_set_bell(short events)
{
	tcp.bell = events;
}

void tcp_come(unsigned bytes)
{
	if (!tcp.ended && !tcp.reset)
		tcp.come += bytes;
}

void tcp_end(void)
{
	tcp.ended = true;
}

uint64_t tcp_position(void)
{
	return tcp.come;
}

/* At any call something may have happened. */
static void happen(void)
{
	uint8_t code;

	world_work(1);
	if (!lies_now())
		return;
	code = input_byte();
	if (code < 128)
		tcp_come(code);
	else if (code < 192)
		tcp.acknowledged = tcp.written;
	else if (code < 200)
		tcp_end();
	else if (code < 204)
		tcp.reset = true;
}

static uint64_t queued(void)
{
	return tcp.come - tcp.read;
}

static int failed(int error)
{
	errno = error;
	return -1;
}

/* ------------------------------------------------------------------ the calls */

static int fake_getsockopt(int fd, int level, int option, void *value, socklen_t *length)
{
	struct tcp_info info = { .tcpi_state = ESTABLISHED };
	struct timeval limit = { .tv_usec = TIME_LIMIT * 1000 };

	(void)fd;
	happen();
	if (tcp.ended)
		info.tcpi_state = CLOSE_WAIT;
	else if (tcp.shut_write)
		info.tcpi_state = FIN_WAIT;
	if (tcp.reset || (tcp.ended && tcp.shut_write))
		info.tcpi_state = CLOSED;
	/* The FIN counts. */
	info.tcpi_bytes_received = tcp.come + tcp.ended;
	info.tcpi_bytes_acked = tcp.acknowledged;
	memset(value, 0, *length);
	if (level == IPPROTO_TCP && option == TCP_INFO)
		memcpy(value, &info, *length < sizeof info ? *length : sizeof info);
	else if (level == SOL_SOCKET && (option == SO_RCVTIMEO || option == SO_SNDTIMEO))
		memcpy(value, &limit, sizeof limit);
	return 0;
}

static int fake_setsockopt(int fd, int level, int option, const void *value, socklen_t length)
{
	(void)fd, (void)level, (void)option, (void)value, (void)length;
	return 0;
}

static int fake_ioctl(int fd, unsigned long request, ...)
{
	va_list arguments;
	int *value;

	(void)fd;
	va_start(arguments, request);
	value = va_arg(arguments, int *);
	va_end(arguments);
	happen();
	*value = 0;
	if (request == SIOCINQ)
		*value = (int)queued();
	else if (request == SIOCOUTQ)
		*value = (int)(tcp.written - tcp.acknowledged);
	return 0;
}

static short events_of(int fd)
{
	short events = 0;

	if (fd == TCP_NUMBER && tcp.hidden)
		return tcp.bell;
	if (fd != TCP_NUMBER && fd != TCP_PARKED)
		return 0;
	if (queued() > 0 || tcp.ended || tcp.reset || tcp.shut_read)
		events |= POLLIN;
	if (tcp.ended || tcp.reset || tcp.shut_read)
		events |= POLLRDHUP;
	if (tcp.written - tcp.acknowledged < ROOM)
		events |= POLLOUT;
	if (tcp.reset || (tcp.ended && tcp.shut_write))
		events |= POLLHUP;
	return (short)(tcp.reset ? events | POLLERR : events);
}

static int fake_poll(struct pollfd *entries, nfds_t count, int timeout)
{
	int ready = 0;

	happen();
	for (nfds_t at = 0; at < count; at++) {
		short asked = (short)(entries[at].events | POLLHUP | POLLERR);

		entries[at].revents = events_of(entries[at].fd) & asked;
		ready += entries[at].revents != 0;
	}
	if (ready == 0 && timeout != 0)
		world_pass_time((int64_t)(timeout < 0 ? TIME_LIMIT : timeout) * 1000000);
	return ready;
}

static ssize_t take(size_t length, int flags)
{
	happen();
	if (tcp.reset)
		return failed(ECONNRESET);
	if (queued() == 0)
		return tcp.ended || tcp.shut_read ? 0 : failed(EAGAIN);
	if (length > queued())
		length = queued();
	if ((flags & MSG_PEEK) == 0)
		tcp.read += length;
	return (ssize_t)length;
}

static ssize_t fake_recvmsg(int fd, struct msghdr *message, int flags)
{
	size_t room = 0, left;
	ssize_t count;

	(void)fd;
	for (size_t at = 0; at < message->msg_iovlen; at++)
		room += message->msg_iov[at].iov_len;
	count = take(room, flags);
	left = count > 0 && (flags & MSG_TRUNC) == 0 ? (size_t)count : 0;
	for (size_t at = 0; left > 0; at++) {
		size_t part = message->msg_iov[at].iov_len;

		part = part < left ? part : left;
		/* An empty piece may lie at NULL. */
		if (part > 0)
			memset(message->msg_iov[at].iov_base, 'T', part);
		left -= part;
	}
	return count;
}

static ssize_t fake_recv(int fd, void *buffer, size_t length, int flags)
{
	struct iovec piece = { buffer, length };
	struct msghdr message = { .msg_iov = &piece, .msg_iovlen = 1 };

	return fake_recvmsg(fd, &message, flags);
}

static ssize_t put(size_t length)
{
	uint64_t room = ROOM - (tcp.written - tcp.acknowledged);

	happen();
	if (tcp.reset || tcp.shut_write)
		return failed(tcp.shut_write ? EPIPE : ECONNRESET);
	if (room == 0)
		return failed(EAGAIN);
	if (length > room)
		length = room;
	tcp.written += length;
	return (ssize_t)length;
}

static ssize_t fake_sendmsg(int fd, const struct msghdr *message, int flags)
{
	size_t length = 0;

	(void)fd, (void)flags;
	for (size_t at = 0; at < message->msg_iovlen; at++)
		length += message->msg_iov[at].iov_len;
	return put(length);
}

static ssize_t fake_send(int fd, const void *buffer, size_t length, int flags)
{
	(void)fd, (void)buffer, (void)flags;
	return put(length);
}

static int fake_shutdown(int fd, int how)
{
	/* Else it is the bell. */
	if (fd == TCP_NUMBER || fd == TCP_PARKED) {
		tcp.shut_read = tcp.shut_read || how != SHUT_WR;
		tcp.shut_write = tcp.shut_write || how != SHUT_RD;
	}
	return 0;
}

static int fake_connect(int fd, const struct sockaddr *address, socklen_t length)
{
	(void)fd, (void)length;
	EXPECT(address->sa_family == AF_UNSPEC);
	tcp.reset = true;
	return 0;
}

static int fake_fcntl(int fd, int command, ...)
{
	(void)fd, (void)command;
	return 0;
}

static int fake_dup3(int fd, int number, int flags)
{
	(void)flags;
	tcp.hidden = fd == BELL_STAND;
	return number;
}

static int fake_epoll_ctl(int epoll_fd, int operation, int fd, struct epoll_event *event)
{
	(void)epoll_fd, (void)operation, (void)fd, (void)event;
	return 0;
}

struct real_calls real = {
	.getsockopt = fake_getsockopt,
	.setsockopt = fake_setsockopt,
	.ioctl = fake_ioctl,
	.poll = fake_poll,
	.recvmsg = fake_recvmsg,
	.recv = fake_recv,
	.sendmsg = fake_sendmsg,
	.send = fake_send,
	.shutdown = fake_shutdown,
	.connect = fake_connect,
	.fcntl = fake_fcntl,
	.dup3 = fake_dup3,
	.epoll_ctl = fake_epoll_ctl,
};
