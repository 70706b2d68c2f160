/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls that a program should not make, or that mean little on a socket: each has its errno. */
#include "actor.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* Not known to the compiler, which would warn of them. */
static void *volatile nowhere = (void *)8;
static volatile int less_than_none = -1;

/* Of a call beside the one whose result is the reply's. */
static void tell(struct reply *reply, const char *name, int64_t result)
{
	say(reply, " %s %lld %d", name, (long long)result, result < 0 ? errno : 0);
}

typedef int64_t odd_call(int fd, struct reply *reply);

static int64_t receive_nowhere(int fd, struct reply *reply)
{
	(void)reply;
	return recv(fd, nowhere, 10, MSG_DONTWAIT);
}

static int64_t peek_nowhere(int fd, struct reply *reply)
{
	struct iovec piece = { .iov_base = nowhere, .iov_len = 10 };
	struct msghdr message = { .msg_iov = &piece, .msg_iovlen = 1 };

	(void)reply;
	return recvmsg(fd, &message, MSG_DONTWAIT | MSG_PEEK);
}

static int64_t send_nowhere(int fd, struct reply *reply)
{
	(void)reply;
	return send(fd, nowhere, 10, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static int64_t write_nowhere(int fd, struct reply *reply)
{
	struct iovec piece = { .iov_base = nowhere, .iov_len = 10 };

	(void)reply;
	return writev(fd, &piece, 1);
}

static int64_t list_nowhere(int fd, struct reply *reply)
{
	(void)reply;
	return writev(fd, nowhere, 2);
}

static int64_t less_than_no_pieces(int fd, struct reply *reply)
{
	char byte = 'x';
	struct iovec piece = { .iov_base = &byte, .iov_len = 1 };

	tell(reply, "readv", readv(fd, &piece, less_than_none));
	return writev(fd, &piece, less_than_none);
}

static int64_t too_many_pieces(int fd, struct reply *reply)
{
	static struct iovec pieces[IOV_MAX + 1];
	struct msghdr message = { .msg_iov = pieces, .msg_iovlen = IOV_MAX + 1 };

	tell(reply, "readv", readv(fd, pieces, IOV_MAX + 1));
	tell(reply, "writev", writev(fd, pieces, IOV_MAX + 1));
	tell(reply, "recvmsg", recvmsg(fd, &message, MSG_DONTWAIT));
	return sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static int64_t endless_piece(int fd, struct reply *reply)
{
	char byte = 'x';
	struct iovec pieces[2] = { { &byte, 1 }, { &byte, SIZE_MAX } };

	tell(reply, "readv", readv(fd, pieces, 2));
	return writev(fd, pieces, 2);
}

static int64_t no_message(int fd, struct reply *reply)
{
	tell(reply, "recvmsg", recvmsg(fd, nowhere, MSG_DONTWAIT));
	return sendmsg(fd, nowhere, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static int64_t no_pieces(int fd, struct reply *reply)
{
	struct msghdr message = { 0 };

	tell(reply, "readv", readv(fd, NULL, 0));
	tell(reply, "writev", writev(fd, NULL, 0));
	return sendmsg(fd, &message, MSG_NOSIGNAL);
}

static int64_t seek(int fd, struct reply *reply)
{
	char byte = 'x';

	tell(reply, "pread", pread(fd, &byte, 1, 0));
	tell(reply, "pwrite", pwrite(fd, &byte, 1, 0));
	return lseek(fd, 0, SEEK_CUR);
}

static int64_t file_calls(int fd, struct reply *reply)
{
	struct stat status = { 0 };

	tell(reply, "fstat", fstat(fd, &status));
	say(reply, " mode %#o", status.st_mode & S_IFMT);
	say(reply, " isatty %d", isatty(fd));
	tell(reply, "ftruncate", ftruncate(fd, 0));
	return fsync(fd);
}

static int64_t error_queue(int fd, struct reply *reply)
{
	char byte;

	(void)reply;
	return recv(fd, &byte, 1, MSG_ERRQUEUE | MSG_DONTWAIT);
}

static int64_t receive_nothing(int fd, struct reply *reply)
{
	char byte;

	tell(reply, "read", read(fd, &byte, 0));
	return recv(fd, &byte, 0, MSG_DONTWAIT);
}

static int64_t send_nothing(int fd, struct reply *reply)
{
	char byte = 'x';

	tell(reply, "write", write(fd, &byte, 0));
	return send(fd, &byte, 0, MSG_NOSIGNAL);
}

static int64_t accept_here(int fd, struct reply *reply)
{
	tell(reply, "listen", listen(fd, 1));
	return accept(fd, NULL, NULL);
}

static int64_t bind_here(int fd, struct reply *reply)
{
	/* Of no family that it could take, as a connection that was reset could be bound again. */
	struct sockaddr_in address = { .sin_family = AF_UNIX };

	(void)reply;
	return bind(fd, (struct sockaddr *)&address, sizeof address);
}

static int64_t connect_again(int fd, struct reply *reply)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons(1),
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	(void)reply;
	return connect(fd, (struct sockaddr *)&address, sizeof address);
}

static int64_t no_urgent(int fd, struct reply *reply)
{
	int at_mark = -1;
	char byte;

	say(reply, " SIOCATMARK %d", ioctl(fd, SIOCATMARK, &at_mark));
	return recv(fd, &byte, 1, MSG_OOB | MSG_DONTWAIT);
}

static int64_t unknown_shutdown(int fd, struct reply *reply)
{
	(void)reply;
	return shutdown(fd, 99);
}

static int64_t names_nowhere(int fd, struct reply *reply)
{
	struct sockaddr_in name;
	socklen_t length = (socklen_t)-1;

	say(reply, " negative %d", getsockname(fd, (struct sockaddr *)&name, &length));
	return getpeername(fd, nowhere, nowhere);
}

static int64_t poll_nothing(int fd, struct reply *reply)
{
	struct pollfd entries[3] = { { .fd = -1, .events = POLLIN },
				     { .fd = 250, .events = POLLIN },
				     { .fd = fd, .events = 0 } };
	int ready = poll(entries, 2, 0);

	say_events(reply, "closed", (unsigned)entries[1].revents);
	say(reply, " none %d", poll(NULL, 0, 0));
	return ready;
}

static int64_t with_address(int fd, struct reply *reply)
{
	struct sockaddr_in address = { .sin_family = AF_INET };

	(void)reply;
	return sendto(fd, "", 0, MSG_NOSIGNAL, (struct sockaddr *)&address, sizeof address);
}

static int64_t unknown_flags(int fd, struct reply *reply)
{
	char byte;

	tell(reply, "ioctl", ioctl(fd, 0x12345678, &byte));
	tell(reply, "fcntl", fcntl(fd, 9999));
	return getsockopt(fd, SOL_SOCKET, SO_TYPE, nowhere, nowhere);
}

static odd_call *const odd_calls[] = {
	receive_nowhere,
	peek_nowhere,
	send_nowhere,
	write_nowhere,
	list_nowhere,
	less_than_no_pieces,
	too_many_pieces,
	endless_piece,
	no_message,
	no_pieces,
	seek,
	file_calls,
	error_queue,
	receive_nothing,
	send_nothing,
	accept_here,
	bind_here,
	connect_again,
	no_urgent,
	unknown_shutdown,
	names_nowhere,
	poll_nothing,
	with_address,
	unknown_flags,
};

/* None of them moves a byte or waits. */
void act_odd(struct actor *actor, const struct request *request, struct reply *reply)
{
	size_t at = (size_t)request->variant % (sizeof odd_calls / sizeof odd_calls[0]);

	(void)actor;
	/* What waits may be on its way between TCP and the ring: `argument`. */
	if (request->argument && (odd_calls[at] == receive_nothing || odd_calls[at] == receive_nowhere ||
				  odd_calls[at] == peek_nowhere || odd_calls[at] == list_nowhere))
		at = sizeof odd_calls / sizeof odd_calls[0] - 1;
	say(reply, " #%zu", at);
	outcome(reply, odd_calls[at](slots[request->slot], reply));
}
