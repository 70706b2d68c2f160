/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One call that receives. */
#include "actor.h"
#include "pieces.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/* What programs built with _FORTIFY_SOURCE call. */
ssize_t __read_chk(int fd, void *buffer, size_t length, size_t room);
ssize_t __recv_chk(int fd, void *buffer, size_t length, size_t room, int flags);
ssize_t __recvfrom_chk(int fd, void *buffer, size_t length, size_t room, int flags,
		       struct sockaddr *address, socklen_t *address_length);

static int64_t receive_pieces(int fd, void *buffer, size_t length, uint64_t salt)
{
	struct iovec pieces[MOST_PIECES];
	int count = cut(pieces, buffer, length, salt);

	return readv(fd, pieces, count);
}

static int64_t receive_message(int fd, void *buffer, size_t length, int flags, uint64_t salt,
			       struct reply *reply)
{
	char name[128], control[128];
	struct iovec pieces[MOST_PIECES];
	struct msghdr message = { .msg_iov = pieces,
				  .msg_name = name,
				  .msg_namelen = sizeof name,
				  .msg_control = control,
				  .msg_controllen = sizeof control,
				  .msg_flags = -1 };
	int64_t result;

	message.msg_iovlen = (size_t)cut(pieces, buffer, length, salt);
	result = recvmsg(fd, &message, flags);
	if (result >= 0)
		say(reply, " flags %#x name %u control %zu", (unsigned)message.msg_flags,
		    (unsigned)message.msg_namelen, message.msg_controllen);
	return result;
}

/* As if it had been one piece: more bytes may have come between two messages. */
static void close_gaps(unsigned char *buffer, size_t length, const struct mmsghdr *messages,
		       int count)
{
	size_t done = 0;
	bool gaps = false;

	for (int at = 0; at < count; at++) {
		const struct iovec *piece = messages[at].msg_hdr.msg_iov;

		gaps = gaps || piece->iov_base != buffer + done;
		memmove(buffer + done, piece->iov_base, messages[at].msg_len);
		done += messages[at].msg_len;
	}
	if (gaps)
		memset(buffer + done, UNTOUCHED, length - done);
}

/* Each piece a message, all of one size but the last. The result is bytes, the text tells the
 * messages. */
static int64_t receive_messages(int fd, unsigned char *buffer, size_t length, int flags,
				uint64_t salt, struct reply *reply)
{
	unsigned count = length < 4 ? 1 : 1 + (unsigned)(salt % 4);
	struct mmsghdr messages[4] = { 0 };
	struct iovec pieces[4];
	int64_t bytes = 0;
	int received;

	for (unsigned at = 0; at < count; at++) {
		pieces[at] = (struct iovec){ .iov_base = buffer + at * (length / count),
					     .iov_len = length / count };
		messages[at].msg_hdr.msg_iov = &pieces[at];
		messages[at].msg_hdr.msg_iovlen = 1;
	}
	received = recvmmsg(fd, messages, count, flags, NULL);
	for (int at = 0; at < received; at++)
		bytes += messages[at].msg_len;
	if (!(flags & MSG_TRUNC))
		close_gaps(buffer, length, messages, received);
	say(reply, " messages %d of %u", received, count);
	return received < 0 ? -1 : bytes;
}

static int64_t receive_from(int variant, int fd, void *buffer, size_t length, int flags,
			    struct reply *reply)
{
	struct sockaddr_in6 address;
	socklen_t size = sizeof address;
	int64_t result;

	if (variant == 5)
		result = recvfrom(fd, buffer, length, flags, (struct sockaddr *)&address, &size);
	else
		result = __recvfrom_chk(fd, buffer, length, length, flags,
					(struct sockaddr *)&address, &size);
	if (result >= 0)
		say(reply, " name %u", (unsigned)size);
	return result;
}

int64_t receive_by(int variant, int fd, void *buffer, size_t length, int flags, uint64_t salt,
		   struct reply *reply)
{
	switch (variant) {
	case 1:
		return read(fd, buffer, length);
	case 2:
		return receive_pieces(fd, buffer, length, salt);
	case 3:
		return receive_message(fd, buffer, length, flags, salt, reply);
	case 4:
		return receive_messages(fd, buffer, length, flags, salt, reply);
	case 5:
	case 8:
		return receive_from(variant, fd, buffer, length, flags, reply);
	case 6:
		return __read_chk(fd, buffer, length, length);
	case 7:
		return __recv_chk(fd, buffer, length, length, flags);
	default:
		return recv(fd, buffer, length, flags);
	}
}

void act_receive(struct actor *actor, const struct request *request, struct reply *reply)
{
	size_t length = (size_t)request->length, got;

	wipe_buffer(actor, length);
	outcome(reply, receive_by(request->variant, slots[request->slot], actor->buffer, length,
				  (int)request->flags, request->salt, reply));
	got = reply->result > 0 ? (size_t)reply->result : 0;
	if (!(request->flags & MSG_TRUNC))
		check_bytes(actor, request, reply, request->position, got);
	else
		check_bytes(actor, request, reply, request->position, 0);
	if (!(request->flags & MSG_PEEK))
		reply->moved = (int64_t)got;
}

void act_unread(struct actor *actor, const struct request *request, struct reply *reply)
{
	int bytes = -1;

	(void)actor;
	outcome(reply, ioctl(slots[request->slot], FIONREAD, &bytes));
	say(reply, " bytes %d", bytes);
}
