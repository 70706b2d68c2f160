/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Interposed: sockets made, connected, named and configured. */
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>

#include "preload/linger.h"
#include "preload/preload.h"
#include "preload/public.h"
#include "preload/streams.h"
#include "preload/table.h"
#include "preload/transfer.h"

static bool is_tcp(int fd)
{
	int protocol = 0;
	socklen_t length = sizeof protocol;

	return real.getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &length) == 0 &&
	       protocol == IPPROTO_TCP;
}

static bool makes_tcp(int domain, int type, int protocol)
{
	return (domain == AF_INET || domain == AF_INET6) &&
	       (type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC)) == SOCK_STREAM &&
	       (protocol == 0 || protocol == IPPROTO_TCP);
}

PUBLIC int socket(int domain, int type, int protocol)
{
	int fd;

	started();
	fd = real.socket(domain, type, protocol);
	if (fd >= 0 && makes_tcp(domain, type, protocol))
		stream_follow(fd, true, false);
	return fd;
}

static int accepted(int fd)
{
	int error = errno;

	if (fd >= 0 && is_tcp(fd))
		stream_follow(fd, false, false);
	errno = error;
	return fd;
}

PUBLIC int accept(int fd, struct sockaddr *address, socklen_t *length)
{
	started();
	return accepted(real.accept(fd, address, length));
}

PUBLIC int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags)
{
	started();
	return accepted(real.accept4(fd, address, length, flags));
}

PUBLIC int listen(int fd, int backlog)
{
	struct stream *stream = stream_at(fd);
	int result;

	if (stream == NULL)
		return real.listen(fd, backlog);
	result = real.listen(stream_tcp(stream, fd), backlog);
	if (result == 0)
		stream_forget(stream);
	stream_done(stream);
	return result;
}

PUBLIC int bind(int fd, const struct sockaddr *address, socklen_t length)
{
	struct stream *stream = stream_at(fd);
	int result;

	if (stream == NULL)
		return real.bind(fd, address, length);
	result = real.bind(stream_tcp(stream, fd), address, length);
	stream_done(stream);
	return result;
}

PUBLIC int connect(int fd, const struct sockaddr *address, socklen_t length)
{
	struct stream *stream = stream_at(fd);
	int result;

	if (stream == NULL)
		return real.connect(fd, address, length);
	if (address != NULL && length >= sizeof address->sa_family &&
	    address->sa_family == AF_UNSPEC) {
		/* Dissolves the connection; what comes next is another one. */
		stream_done(stream);
		stream_pin(fd, "disconnected");
		result = real.connect(fd, address, length);
		if (result == 0)
			stream_follow(fd, true, false);
		return result;
	}
	result = real.connect(stream_tcp(stream, fd), address, length);
	stream_done(stream);
	return result;
}

PUBLIC int shutdown(int fd, int how)
{
	struct stream *stream = stream_at(fd);
	int result;

	if (stream == NULL)
		return real.shutdown(fd, how);
	result = transfer_shutdown(stream, fd, how);
	stream_done(stream);
	return result;
}

/* ------------------------------------------------------------------ names and options */

PUBLIC int getsockname(int fd, struct sockaddr *restrict address, socklen_t *restrict length)
{
	struct stream *stream = stream_at(fd);
	int result;

	if (stream == NULL)
		return real.getsockname(fd, address, length);
	result = real.getsockname(stream_tcp(stream, fd), address, length);
	stream_done(stream);
	return result;
}

PUBLIC int getpeername(int fd, struct sockaddr *restrict address, socklen_t *restrict length)
{
	struct stream *stream = stream_at(fd);
	int result;

	if (stream == NULL)
		return real.getpeername(fd, address, length);
	result = real.getpeername(stream_tcp(stream, fd), address, length);
	stream_done(stream);
	return result;
}

/* `length` bytes of an int, as many as the program asked for and the kernel gave. */
static void tell_error(struct stream *stream, void *value, socklen_t length)
{
	int error = 0;

	memcpy(&error, value, length);
	if (stream->record->peer_died)
		error = ECONNRESET;
	stream->record->peer_died = false;
	if (error == 0) {
		error = stream->record->owed_error;
		stream->record->owed_error = 0;
	}
	memcpy(value, &error, length);
}

PUBLIC int getsockopt(int fd, int level, int option, void *restrict value,
		      socklen_t *restrict length)
{
	struct stream *stream = stream_at(fd);
	int result;

	if (stream == NULL)
		return real.getsockopt(fd, level, option, value, length);
	result = real.getsockopt(stream_tcp(stream, fd), level, option, value, length);
	if (result == 0 && level == SOL_SOCKET && option == SO_LINGER)
		linger_get(stream->record, value, length);
	if (result == 0 && level == SOL_SOCKET && option == SO_ERROR)
		tell_error(stream, value, *length);
	stream_done(stream);
	return result;
}

/* Not while the library changes it for a time. */
static int set_linger(struct stream *stream, int fd, const void *value, socklen_t length)
{
	int result = 0;

	stream_lock(stream);
	if (!linger_set(stream->record, value, length))
		result = real.setsockopt(stream_tcp(stream, fd), SOL_SOCKET, SO_LINGER, value, length);
	stream_unlock(stream);
	return result;
}

/* Options that change what a byte stream is. */
static bool only_tcp(int level, int option)
{
	if (level == SOL_SOCKET)
		return option == SO_ZEROCOPY || option == SO_RCVLOWAT;
	return level == IPPROTO_TCP &&
	       (option == TCP_ULP || option == TCP_REPAIR || option == TCP_FASTOPEN_CONNECT);
}

PUBLIC int setsockopt(int fd, int level, int option, const void *value, socklen_t length)
{
	struct stream *stream;
	int result;

	started();
	if (only_tcp(level, option))
		stream_pin(fd, "an option that only TCP has");
	stream = stream_use(fd);
	if (stream == NULL)
		return real.setsockopt(fd, level, option, value, length);
	if (level == SOL_SOCKET && option == SO_LINGER)
		result = set_linger(stream, fd, value, length);
	else
		result = real.setsockopt(stream_tcp(stream, fd), level, option, value, length);
	stream_done(stream);
	return result;
}

/* ------------------------------------------------------------------ ioctl */

/* What belongs to the number, not while its file is exchanged; FIONBIO to both files, as the bell stands there for a while. */
static int ioctl_number(struct stream *stream, int fd, unsigned long request, void *argument)
{
	int tcp, result = 0;

	table_lock();
	tcp = stream_tcp(stream, fd);
	if (request == FIONBIO && tcp != fd)
		result = real.ioctl(tcp, request, argument);
	if (result == 0)
		result = real.ioctl(fd, request, argument);
	table_unlock();
	return result;
}

static int ioctl_carried(struct stream *stream, int fd, unsigned long request, void *argument)
{
	switch (request) {
	case SIOCINQ:
		if (real.ioctl(stream_tcp(stream, fd), request, argument) != 0)
			return -1;
		*(int *)argument = transfer_queued_in(stream, fd);
		return 0;
	case SIOCOUTQ:
		if (real.ioctl(stream_tcp(stream, fd), request, argument) != 0)
			return -1;
		*(int *)argument = transfer_queued_out(stream, fd);
		return 0;
	case FIONBIO:
	case FIOCLEX:
	case FIONCLEX:
		return ioctl_number(stream, fd, request, argument);
	default:
		return real.ioctl(stream_tcp(stream, fd), request, argument);
	}
}

PUBLIC int ioctl(int fd, unsigned long request, ...)
{
	struct stream *stream;
	va_list arguments;
	void *argument;
	int result;

	va_start(arguments, request);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	started();
	if (request == FIOASYNC)
		stream_pin(fd, "signals instead of waiting (FIOASYNC)");
	stream = stream_use(fd);
	if (stream == NULL)
		return real.ioctl(fd, request, argument);
	result = ioctl_carried(stream, fd, request, argument);
	stream_done(stream);
	return result;
}
