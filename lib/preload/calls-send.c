/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Interposed: writes. */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "preload/pieces.h"
#include "preload/preload.h"
#include "preload/public.h"
#include "preload/table.h"
#include "preload/transfer.h"

static void pin_for_flags(int fd, int flags)
{
	if ((flags & MSG_OOB) != 0)
		stream_pin(fd, "urgent data (MSG_OOB)");
	if ((flags & (MSG_ZEROCOPY | MSG_FASTOPEN)) != 0)
		stream_pin(fd, "a send that only TCP has (MSG_ZEROCOPY, MSG_FASTOPEN)");
}

static ssize_t send_one(struct stream *stream, int fd, const void *buffer, size_t length, int flags)
{
	struct iovec piece = { .iov_base = (void *)(uintptr_t)buffer, .iov_len = length };
	ssize_t count = transfer_send(stream, fd, &piece, 1, flags);

	stream_done(stream);
	return count;
}

FOLLOWED ssize_t write_followed(int fd, const void *buffer, size_t length)
{
	struct stream *stream;

	switch (way_to_transfer(fd, &stream)) {
	case WAY_FAILED:
		return -1;
	case WAY_PLAIN:
		return real.write(fd, buffer, length);
	case WAY_CARRIED:
		break;
	}
	return send_one(stream, fd, buffer, length, 0);
}

PUBLIC ssize_t write(int fd, const void *buffer, size_t length)
{
	return table_is_empty() ? real.write(fd, buffer, length)
				: write_followed(fd, buffer, length);
}

FOLLOWED ssize_t writev_followed(int fd, const struct iovec *pieces, int count)
{
	struct stream *stream;
	ssize_t result;

	switch (way_to_transfer(fd, &stream)) {
	case WAY_FAILED:
		return -1;
	case WAY_PLAIN:
		return real.writev(fd, pieces, count);
	case WAY_CARRIED:
		break;
	}
	if (pieces_nowhere(pieces) || count <= 0 || count > IOV_MAX)
		result = real.writev(stream_tcp(stream, fd), pieces, count);
	else if (!pieces_ask(pieces, count))
		result = 0;
	else
		result = transfer_send(stream, fd, pieces, (size_t)count, 0);
	stream_done(stream);
	return result;
}

PUBLIC ssize_t writev(int fd, const struct iovec *pieces, int count)
{
	return table_is_empty() ? real.writev(fd, pieces, count)
				: writev_followed(fd, pieces, count);
}

PUBLIC ssize_t pwritev2(int fd, const struct iovec *pieces, int count, off_t offset, int flags)
{
	struct stream *stream = stream_at(fd);
	bool carried = stream != NULL && offset == -1 && flags == 0;

	if (stream != NULL)
		stream_done(stream);
	return carried ? writev(fd, pieces, count)
		       : real.pwritev2(fd, pieces, count, offset, flags);
}

PUBLIC ssize_t pwritev64v2(int fd, const struct iovec *pieces, int count, off64_t offset, int flags)
{
	return pwritev2(fd, pieces, count, (off_t)offset, flags);
}

FOLLOWED ssize_t send_followed(int fd, const void *buffer, size_t length, int flags)
{
	struct stream *stream;

	pin_for_flags(fd, flags);
	switch (way_to_transfer(fd, &stream)) {
	case WAY_FAILED:
		return -1;
	case WAY_PLAIN:
		return real.send(fd, buffer, length, flags);
	case WAY_CARRIED:
		break;
	}
	return send_one(stream, fd, buffer, length, flags);
}

PUBLIC ssize_t send(int fd, const void *buffer, size_t length, int flags)
{
	return table_is_empty() ? real.send(fd, buffer, length, flags)
				: send_followed(fd, buffer, length, flags);
}

FOLLOWED ssize_t sendto_followed(int fd, const void *buffer, size_t length, int flags,
				 const struct sockaddr *address, socklen_t address_length)
{
	struct stream *stream;

	pin_for_flags(fd, flags);
	switch (way_to_transfer(fd, &stream)) {
	case WAY_FAILED:
		return -1;
	case WAY_PLAIN:
		return real.sendto(fd, buffer, length, flags, address, address_length);
	case WAY_CARRIED:
		break;
	}
	/* A connected TCP socket takes no notice of an address. */
	return send_one(stream, fd, buffer, length, flags);
}

PUBLIC ssize_t sendto(int fd, const void *buffer, size_t length, int flags,
		      const struct sockaddr *address, socklen_t address_length)
{
	return table_is_empty()
		       ? real.sendto(fd, buffer, length, flags, address, address_length)
		       : sendto_followed(fd, buffer, length, flags, address, address_length);
}

/* ------------------------------------------------------------------ messages */

/* How many descriptors lie in it; what it says of itself may be nonsense, for which the kernel has an errno. */
static size_t count_passed(const struct msghdr *message, const struct cmsghdr *control)
{
	size_t room = message->msg_controllen -
		      (size_t)((const char *)control - (const char *)message->msg_control);

	if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_RIGHTS ||
	    control->cmsg_len < CMSG_LEN(0) || control->cmsg_len > room)
		return 0;
	return (control->cmsg_len - CMSG_LEN(0)) / sizeof(int);
}

/* Descriptors on their way to another process, which may not know of this library. */
static void pin_passed(const struct msghdr *message)
{
	struct msghdr *walked = (struct msghdr *)(uintptr_t)message;

	if (pieces_nowhere(message) || message->msg_controllen == 0 || !streams_exist())
		return;
	for (struct cmsghdr *control = CMSG_FIRSTHDR(walked); control != NULL;
	     control = CMSG_NXTHDR(walked, control))
		for (size_t at = 0, count = count_passed(message, control); at < count; at++) {
			int fd;

			memcpy(&fd, CMSG_DATA(control) + at * sizeof fd, sizeof fd);
			stream_pin(fd, "the descriptor was passed to another process");
		}
}

static ssize_t send_message(struct stream *stream, int fd, const struct msghdr *message, int flags)
{
	if (pieces_nowhere(message) || message->msg_iovlen > IOV_MAX)
		return real.sendmsg(stream_tcp(stream, fd), message, flags);
	return transfer_send(stream, fd, message->msg_iov, message->msg_iovlen, flags);
}

FOLLOWED ssize_t sendmsg_followed(int fd, const struct msghdr *message, int flags)
{
	struct stream *stream;
	ssize_t count;

	started();
	pin_for_flags(fd, flags);
	pin_passed(message);
	if (!pieces_nowhere(message) && message->msg_controllen > 0)
		stream_pin(fd, "control messages");
	switch (way_to_transfer(fd, &stream)) {
	case WAY_FAILED:
		return -1;
	case WAY_PLAIN:
		return real.sendmsg(fd, message, flags);
	case WAY_CARRIED:
		break;
	}
	count = send_message(stream, fd, message, flags);
	stream_done(stream);
	return count;
}

PUBLIC ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	return table_is_empty() ? real.sendmsg(fd, message, flags)
				: sendmsg_followed(fd, message, flags);
}

static size_t length_of(const struct msghdr *message)
{
	size_t length = 0;

	for (size_t at = 0; at < message->msg_iovlen; at++)
		length += message->msg_iov[at].iov_len;
	return length;
}

static int send_messages(struct stream *stream, int fd, struct mmsghdr *messages, unsigned count,
			 int flags)
{
	unsigned sent = 0;
	bool whole = true;

	/* As the kernel does: nothing may come behind a message that was sent in part. */
	while (whole && sent < count) {
		const struct msghdr *message = &messages[sent].msg_hdr;
		ssize_t length = send_message(stream, fd, message, flags);

		if (length < 0)
			break;
		whole = (size_t)length == length_of(message);
		messages[sent++].msg_len = (unsigned)length;
	}
	return sent > 0 || count == 0 ? (int)sent : -1;
}

FOLLOWED int sendmmsg_followed(int fd, struct mmsghdr *messages, unsigned count, int flags)
{
	struct stream *stream;
	int sent;

	started();
	pin_for_flags(fd, flags);
	for (unsigned at = 0; !pieces_nowhere(messages) && at < count && at < IOV_MAX; at++) {
		pin_passed(&messages[at].msg_hdr);
		if (messages[at].msg_hdr.msg_controllen > 0)
			stream_pin(fd, "control messages");
	}
	switch (way_to_transfer(fd, &stream)) {
	case WAY_FAILED:
		return -1;
	case WAY_PLAIN:
		return real.sendmmsg(fd, messages, count, flags);
	case WAY_CARRIED:
		break;
	}
	sent = send_messages(stream, fd, messages, count < IOV_MAX ? count : IOV_MAX, flags);
	stream_done(stream);
	return sent;
}

PUBLIC int sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags)
{
	return table_is_empty() ? real.sendmmsg(fd, messages, count, flags)
				: sendmmsg_followed(fd, messages, count, flags);
}

/* ------------------------------------------------------------------ files */

static bool is_file(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && (S_ISREG(status.st_mode) || S_ISBLK(status.st_mode));
}

FOLLOWED ssize_t sendfile_followed(int fd, int file, off_t *offset, size_t length)
{
	struct stream *stream;
	ssize_t count;

	switch (way_to_transfer(fd, &stream)) {
	case WAY_FAILED:
		return -1;
	case WAY_PLAIN:
		return real.sendfile(fd, file, offset, length);
	case WAY_CARRIED:
		break;
	}
	if (is_file(file)) {
		count = transfer_send_file(stream, fd, file, offset, length);
		stream_done(stream);
		return count;
	}
	stream_done(stream);
	if (stream_pin_to_transfer(fd, "sendfile from something that is no file") != 0)
		return -1;
	return real.sendfile(fd, file, offset, length);
}

PUBLIC ssize_t sendfile(int fd, int file, off_t *offset, size_t length)
{
	return table_is_empty() ? real.sendfile(fd, file, offset, length)
				: sendfile_followed(fd, file, offset, length);
}

PUBLIC ssize_t sendfile64(int fd, int file, off64_t *offset, size_t length)
{
	return sendfile(fd, file, offset, length);
}
