/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Interposed: reads. */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "preload/meeting.h"
#include "preload/pieces.h"
#include "preload/preload.h"
#include "preload/public.h"
#include "preload/streams.h"
#include "preload/table.h"
#include "preload/transfer.h"
#include "preload/waiting.h"

/* Urgent bytes and the error queue are not in the stream: those TCP has. */
static ssize_t receive_one(struct stream *stream, int fd, void *buffer, size_t length, int flags)
{
	struct iovec piece = { .iov_base = buffer, .iov_len = length };
	ssize_t count;

	if ((flags & (MSG_OOB | MSG_ERRQUEUE)) != 0)
		count = real.recv(stream_tcp(stream, fd), buffer, length, flags);
	else
		count = transfer_receive(stream, fd, &piece, 1, flags);

	stream_done(stream);
	return count;
}

FOLLOWED ssize_t read_followed(int fd, void *buffer, size_t length)
{
	struct stream *stream;

	switch (way_to_transfer(fd, &stream)) {
	case WAY_FAILED:
		return -1;
	case WAY_PLAIN:
		return real.read(fd, buffer, length);
	case WAY_CARRIED:
		break;
	}
	if (length > 0)
		return receive_one(stream, fd, buffer, length, 0);
	stream_done(stream);
	return 0;
}

PUBLIC ssize_t read(int fd, void *buffer, size_t length)
{
	return table_is_empty() ? real.read(fd, buffer, length) : read_followed(fd, buffer, length);
}

/* Of vectors that the kernel refuses it says so itself, and does nothing else. */
static bool is_vector(const struct iovec *pieces, int count)
{
	return !pieces_nowhere(pieces) && count > 0 && count <= IOV_MAX;
}

FOLLOWED ssize_t readv_followed(int fd, const struct iovec *pieces, int count)
{
	struct stream *stream;
	ssize_t result = 0;

	switch (way_to_transfer(fd, &stream)) {
	case WAY_FAILED:
		return -1;
	case WAY_PLAIN:
		return real.readv(fd, pieces, count);
	case WAY_CARRIED:
		break;
	}
	if (!is_vector(pieces, count))
		result = real.readv(stream_tcp(stream, fd), pieces, count);
	else if (pieces_ask(pieces, count))
		result = transfer_receive(stream, fd, pieces, (size_t)count, 0);
	stream_done(stream);
	return result;
}

PUBLIC ssize_t readv(int fd, const struct iovec *pieces, int count)
{
	return table_is_empty() ? real.readv(fd, pieces, count) : readv_followed(fd, pieces, count);
}

PUBLIC ssize_t preadv2(int fd, const struct iovec *pieces, int count, off_t offset, int flags)
{
	struct stream *stream = stream_at(fd);
	bool carried = stream != NULL && offset == -1 && flags == 0;

	if (stream != NULL)
		stream_done(stream);
	return carried ? readv(fd, pieces, count) : real.preadv2(fd, pieces, count, offset, flags);
}

PUBLIC ssize_t preadv64v2(int fd, const struct iovec *pieces, int count, off64_t offset, int flags)
{
	return preadv2(fd, pieces, count, (off_t)offset, flags);
}

FOLLOWED ssize_t recv_followed(int fd, void *buffer, size_t length, int flags)
{
	struct stream *stream;

	switch (way_to_transfer(fd, &stream)) {
	case WAY_FAILED:
		return -1;
	case WAY_PLAIN:
		return real.recv(fd, buffer, length, flags);
	case WAY_CARRIED:
		break;
	}
	return receive_one(stream, fd, buffer, length, flags);
}

PUBLIC ssize_t recv(int fd, void *buffer, size_t length, int flags)
{
	return table_is_empty() ? real.recv(fd, buffer, length, flags)
				: recv_followed(fd, buffer, length, flags);
}

FOLLOWED ssize_t recvfrom_followed(int fd, void *restrict buffer, size_t length, int flags,
				   struct sockaddr *restrict address,
				   socklen_t *restrict address_length)
{
	struct stream *stream;
	ssize_t count;

	switch (way_to_transfer(fd, &stream)) {
	case WAY_FAILED:
		return -1;
	case WAY_PLAIN:
		return real.recvfrom(fd, buffer, length, flags, address, address_length);
	case WAY_CARRIED:
		break;
	}
	count = receive_one(stream, fd, buffer, length, flags);
	/* TCP tells no address. */
	if (count >= 0 && address != NULL && address_length != NULL)
		*address_length = 0;
	return count;
}

PUBLIC ssize_t recvfrom(int fd, void *restrict buffer, size_t length, int flags,
			struct sockaddr *restrict address, socklen_t *restrict address_length)
{
	return table_is_empty()
		       ? real.recvfrom(fd, buffer, length, flags, address, address_length)
		       : recvfrom_followed(fd, buffer, length, flags, address, address_length);
}

static ssize_t receive_message(struct stream *stream, int fd, struct msghdr *message, int flags)
{
	ssize_t count;

	if ((flags & (MSG_ERRQUEUE | MSG_OOB)) != 0 || pieces_nowhere(message) ||
	    message->msg_iovlen > IOV_MAX)
		return real.recvmsg(stream_tcp(stream, fd), message, flags);
	count = transfer_receive(stream, fd, message->msg_iov, message->msg_iovlen, flags);
	if (count < 0)
		return count;
	message->msg_namelen = 0;
	message->msg_controllen = 0;
	message->msg_flags = flags & MSG_CMSG_CLOEXEC;
	return count;
}

FOLLOWED ssize_t recvmsg_followed(int fd, struct msghdr *message, int flags)
{
	struct stream *stream;
	ssize_t count;

	switch (way_to_transfer(fd, &stream)) {
	case WAY_FAILED:
		return -1;
	case WAY_PLAIN:
		return real.recvmsg(fd, message, flags);
	case WAY_CARRIED:
		break;
	}
	count = receive_message(stream, fd, message, flags);
	stream_done(stream);
	return count;
}

PUBLIC ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
	return table_is_empty() ? real.recvmsg(fd, message, flags)
				: recvmsg_followed(fd, message, flags);
}

/* The time-out only counts between messages, as recvmmsg(2) says of the kernel's. */
static int receive_messages(struct stream *stream, int fd, struct mmsghdr *messages, unsigned count,
			    int flags, const struct timespec *timeout)
{
	int64_t until = NO_LIMIT;
	unsigned got = 0;

	if (timeout != NULL)
		until = ms_from_now(timeout->tv_sec * 1000 + timeout->tv_nsec / 1000000);
	while (got < count) {
		int now = flags & ~MSG_WAITFORONE;
		ssize_t length;

		if (got > 0 && (flags & MSG_WAITFORONE) != 0)
			now |= MSG_DONTWAIT;
		length = receive_message(stream, fd, &messages[got].msg_hdr, now);
		if (length < 0)
			break;
		messages[got++].msg_len = (unsigned)length;
		if (until != NO_LIMIT && now_ms() >= until)
			break;
	}
	return got > 0 || count == 0 ? (int)got : -1;
}

FOLLOWED int recvmmsg_followed(int fd, struct mmsghdr *messages, unsigned count, int flags,
			       struct timespec *timeout)
{
	struct stream *stream;
	int got;

	switch (way_to_transfer(fd, &stream)) {
	case WAY_FAILED:
		return -1;
	case WAY_PLAIN:
		return real.recvmmsg(fd, messages, count, flags, timeout);
	case WAY_CARRIED:
		break;
	}
	got = receive_messages(stream, fd, messages, count < IOV_MAX ? count : IOV_MAX, flags,
			       timeout);
	stream_done(stream);
	return got;
}

PUBLIC int recvmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags,
		    struct timespec *timeout)
{
	return table_is_empty() ? real.recvmmsg(fd, messages, count, flags, timeout)
				: recvmmsg_followed(fd, messages, count, flags, timeout);
}

/* ------------------------------------------------------------------ fortified: _FORTIFY_SOURCE */

ssize_t __read_chk(int fd, void *buffer, size_t length, size_t size);
ssize_t __recv_chk(int fd, void *buffer, size_t length, size_t size, int flags);
ssize_t __recvfrom_chk(int fd, void *restrict buffer, size_t length, size_t size, int flags,
		       struct sockaddr *restrict address, socklen_t *restrict address_length);
void __chk_fail(void) __attribute__((noreturn));

PUBLIC ssize_t __read_chk(int fd, void *buffer, size_t length, size_t size)
{
	if (length > size)
		__chk_fail();
	return read(fd, buffer, length);
}

PUBLIC ssize_t __recv_chk(int fd, void *buffer, size_t length, size_t size, int flags)
{
	if (length > size)
		__chk_fail();
	return recv(fd, buffer, length, flags);
}

PUBLIC ssize_t __recvfrom_chk(int fd, void *restrict buffer, size_t length, size_t size, int flags,
			      struct sockaddr *restrict address, socklen_t *restrict address_length)
{
	if (length > size)
		__chk_fail();
	return recvfrom(fd, buffer, length, flags, address, address_length);
}
