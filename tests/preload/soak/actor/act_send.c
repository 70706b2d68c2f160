/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One call that sends. */
#include "actor.h"
#include "pieces.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static int64_t send_pieces(int fd, void *buffer, size_t length, uint64_t salt)
{
	struct iovec pieces[MOST_PIECES];
	int count = cut(pieces, buffer, length, salt);

	return writev(fd, pieces, count);
}

static int64_t send_message(int fd, void *buffer, size_t length, int flags, uint64_t salt)
{
	struct iovec pieces[MOST_PIECES];
	struct msghdr message = { .msg_iov = pieces };

	message.msg_iovlen = (size_t)cut(pieces, buffer, length, salt);
	return sendmsg(fd, &message, flags);
}

/* Each piece a message. Returns the bytes; sendmmsg itself counts messages. */
static int64_t send_messages(int fd, void *buffer, size_t length, int flags, uint64_t salt)
{
	struct mmsghdr messages[MOST_PIECES] = { 0 };
	struct iovec pieces[MOST_PIECES];
	int count = cut(pieces, buffer, length, salt), sent;
	int64_t bytes = 0;

	for (int at = 0; at < count; at++) {
		messages[at].msg_hdr.msg_iov = &pieces[at];
		messages[at].msg_hdr.msg_iovlen = 1;
	}
	sent = sendmmsg(fd, messages, (unsigned)count, flags);
	for (int at = 0; at < sent; at++)
		bytes += messages[at].msg_len;
	if (sent > 0 && bytes > 0)
		return bytes;
	/* Only pieces of no length went before one that found no room. */
	if (sent > 0 && length > 0)
		errno = EAGAIN;
	return sent < 0 || length > 0 ? -1 : 0;
}

/* The file is a new one each time: its pages go over TCP without a copy, so they must stay. */
static int64_t send_from_file(int fd, const void *buffer, size_t length, uint64_t salt)
{
	off_t offset = (off_t)(salt % 5000);
	int file = memfd_create("soak", MFD_CLOEXEC), error;
	int64_t result = -1;

	if (file < 0)
		return -1;
	if (pwrite(file, buffer, length, offset) == (ssize_t)length) {
		if (salt & 0x10000) {
			off_t at = offset;

			result = sendfile(fd, file, &at, length + (salt & 0x20000 ? 100 : 0));
			if (result >= 0 && at != offset + result)
				result = -2;
		} else {
			lseek(file, offset, SEEK_SET);
			result = sendfile(fd, file, NULL, length);
			if (result >= 0 && lseek(file, 0, SEEK_CUR) != offset + result)
				result = -2;
		}
	}
	error = errno;
	close(file);
	errno = error;
	return result;
}

int64_t send_by(int variant, int fd, void *buffer, size_t length, int flags, uint64_t salt)
{
	switch (variant) {
	case 1:
		return write(fd, buffer, length);
	case 2:
		return send_pieces(fd, buffer, length, salt);
	case 3:
		return send_message(fd, buffer, length, flags, salt);
	case 4:
		return sendto(fd, buffer, length, flags, NULL, 0);
	case 5:
		return send_messages(fd, buffer, length, flags, salt);
	case 6:
		return send_from_file(fd, buffer, length, salt);
	default:
		return send(fd, buffer, length, flags);
	}
}

void act_send(struct actor *actor, const struct request *request, struct reply *reply)
{
	size_t length = (size_t)request->length;

	fill_buffer(actor, request, request->position, length);
	outcome(reply, send_by(request->variant, slots[request->slot], actor->buffer, length,
			       (int)request->flags, request->salt));
	reply->moved = reply->result > 0 ? reply->result : 0;
}
