/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "wire.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define SPINS 60

static const char *const names[CALLS] = {
	[CALL_NOTHING] = "nothing",
	[CALL_SETTLE] = "settle",
	[CALL_SEND] = "send",
	[CALL_RECEIVE] = "receive",
	[CALL_GIVE] = "give",
	[CALL_TAKE] = "take",
	[CALL_PUMP] = "pump",
	[CALL_FILL] = "fill",
	[CALL_SEND_TIMED] = "send-timed",
	[CALL_RECEIVE_TIMED] = "receive-timed",
	[CALL_INTERRUPT] = "interrupt",
	[CALL_SPLICE_OUT] = "splice-out",
	[CALL_SPLICE_IN] = "splice-in",
	[CALL_PRINT] = "print",
	[CALL_GETS] = "gets",
	[CALL_URGENT_SEND] = "urgent-send",
	[CALL_URGENT_RECEIVE] = "urgent-receive",
	[CALL_ODD] = "odd",
	[CALL_WAIT] = "wait",
	[CALL_EPOLL_OPEN] = "epoll-open",
	[CALL_EPOLL_SET] = "epoll-set",
	[CALL_EPOLL_NEST] = "epoll-nest",
	[CALL_EPOLL_WAIT] = "epoll-wait",
	[CALL_EPOLL_CLOSE] = "epoll-close",
	[CALL_LISTEN] = "listen",
	[CALL_CONNECT] = "connect",
	[CALL_REFUSED] = "refused",
	[CALL_ACCEPT] = "accept",
	[CALL_SHUTDOWN] = "shutdown",
	[CALL_NAMES] = "names",
	[CALL_OPTION_GET] = "option-get",
	[CALL_OPTION_SET] = "option-set",
	[CALL_LINGER] = "linger",
	[CALL_NONBLOCK] = "nonblock",
	[CALL_DUP] = "dup",
	[CALL_DUP_ONTO] = "dup-onto",
	[CALL_CLOSE] = "close",
	[CALL_CLOSE_RANGE] = "close-range",
	[CALL_UNREAD] = "unread",
	[CALL_FORK] = "fork",
	[CALL_EXEC] = "exec",
	[CALL_REAP] = "reap",
	[CALL_THREAD] = "thread",
	[CALL_END] = "end",
	[CALL_PASS] = "pass",
	[CALL_CATCH] = "catch",
	[CALL_CENSUS] = "census",
};

const char *call_name(enum call call)
{
	return names[call];
}

bool wire_put(int channel, const void *message, size_t size)
{
	ssize_t count;

	do
		count = send(channel, message, size, MSG_NOSIGNAL);
	while (count < 0 && errno == EINTR);
	return count == (ssize_t)size;
}

/* How long the message is; 0: none in time; -1: the other end is gone. */
static ssize_t get(int channel, void *message, size_t size, int limit)
{
	struct pollfd entry = { .fd = channel, .events = POLLIN };
	ssize_t count;

	/* The answer is mostly there at once, and sleeping costs more than the call it answers. */
	for (int turn = 0; turn < SPINS; turn++) {
		count = recv(channel, message, size, MSG_DONTWAIT);
		if (count >= 0 || errno != EAGAIN)
			return count > 0 ? count : -1;
	}
	if (limit >= 0) {
		int ready = poll(&entry, 1, limit);

		if (ready == 0 || (ready < 0 && errno == EINTR))
			return 0;
	}
	do
		count = recv(channel, message, size, 0);
	while (count < 0 && errno == EINTR);
	return count > 0 ? count : -1;
}

int wire_get(int channel, void *message, size_t size, int limit)
{
	ssize_t count = get(channel, message, size, limit);

	if (count == 0)
		return 0;
	return count == (ssize_t)size ? 1 : -1;
}

void wire_note(int channel)
{
	int error = errno;

	send(channel, "", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	errno = error;
}

int wire_get_reply(int channel, struct reply *reply, bool *noted, int limit)
{
	ssize_t count = get(channel, reply, sizeof *reply, limit);

	*noted = count == 1;
	if (count == 0)
		return 0;
	return count == 1 || count == (ssize_t)sizeof *reply ? 1 : -1;
}
