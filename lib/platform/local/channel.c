/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Event channels of the local platform: two eventfds, one for each direction, shared by the two
 * processes. They come to be at the binder, which passes them over a connection to the offerer's
 * socket in ports/. The connection stays open and silent; its end means that the other process died
 * or closed the channel.
 *
 * The offerer goes from LISTENING (the socket is there) to GREETED (somebody connected, the
 * eventfds are not there yet) to BOUND; the binder starts as BOUND. When the other end is lost the
 * connection is dropped, so that no descriptor stays readable.
 */
#include "platform/local/local.h"

#include "base/error.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>

struct channel {
	struct local *local;
	struct fork_link fork;
	int listen_fd;     /* -1 unless offered and not bound */
	int peer_fd;       /* the connection */
	int own_fd;        /* the eventfd that the peer writes to */
	atomic_int out_fd; /* the one that it reads; -1 before BOUND */
	atomic_bool early; /* a notification waits for BOUND */
	bool lost;
	unsigned domain, port;
};

static const char greeting[8] = "xsock 1";

static void close_descriptors(struct channel *channel)
{
	int out = atomic_exchange(&channel->out_fd, -1);

	close_descriptor(&channel->listen_fd);
	close_descriptor(&channel->peer_fd);
	close_descriptor(&channel->own_fd);
	close_descriptor(&out);
}

/* A child forked in the middle of it would keep the descriptor. */
static void drop(int *fd)
{
	fork_hold();
	close_descriptor(fd);
	fork_release();
}

static void close_in_child(struct fork_link *link)
{
	close_descriptors((struct channel *)((char *)link - offsetof(struct channel, fork)));
}

static struct channel *new_channel(struct local *local, unsigned domain)
{
	struct channel *channel = calloc(1, sizeof *channel);

	if (!channel)
		return NULL;
	channel->local = local;
	channel->domain = domain;
	channel->listen_fd = channel->peer_fd = channel->own_fd = -1;
	atomic_init(&channel->out_fd, -1);
	fork_watch(&channel->fork, close_in_child);
	return channel;
}

void local_channel_abandon(struct channel *channel)
{
	/* Not unwatched before: a child forked in between would keep them. */
	fork_hold();
	close_descriptors(channel);
	fork_release();
	fork_unwatch(&channel->fork);
	free(channel);
}

static void unlink_port(const struct channel *channel)
{
	char name[NAME_BYTES];

	local_name(name, channel->local->base.self, channel->port, channel->domain);
	unlinkat(channel->local->ports_fd, name, 0);
}

void local_channel_close(struct channel *channel)
{
	if (channel->listen_fd >= 0)
		unlink_port(channel);
	local_channel_abandon(channel);
}

/* Through the directory's descriptor: its own path may be longer than a socket's address. */
static void port_address(struct sockaddr_un *address, int ports_fd, unsigned from, unsigned port,
			 unsigned to)
{
	char name[NAME_BYTES];

	local_name(name, from, port, to);
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(address->sun_path, sizeof address->sun_path, "/proc/self/fd/%d/%s", ports_fd,
		 name);
}

/* Of what has nothing to do with the peer. */
static bool is_shortage(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOMEM || error == ENOBUFS;
}

/* Into *fd, which a child closes. One forked before it is there would keep the connection open, and
 * hide this process's death from the peer. */
static int new_socket(int *fd)
{
	fork_hold();
	*fd = own_descriptor(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
	fork_release();
	return *fd < 0 ? local_fail(errno, "make a socket for a channel") : 0;
}

static void accept_connection(struct channel *channel)
{
	/* As in new_socket. */
	fork_hold();
	channel->peer_fd = own_descriptor(
		/* cppcheck-suppress nullPointer; who it is is asked otherwise */
		accept4(channel->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC));
	fork_release();
}

/* -- offering ------------------------------------------------------------------------------- */

static int listen_on_free_port(struct channel *channel)
{
	struct sockaddr_un address;
	int result = local_mark(channel->local);

	if (result == 0)
		result = new_socket(&channel->listen_fd);
	if (result < 0)
		return result;
	for (int attempt = 0; attempt < 16; attempt++) {
		channel->port = 1 + (local_random() & 0x3fffffff);
		port_address(&address, channel->local->ports_fd, channel->local->base.self,
			     channel->port, channel->domain);
		if (bind(channel->listen_fd, (struct sockaddr *)&address, sizeof address) == 0)
			break;
		if (errno != EADDRINUSE || attempt == 15)
			return local_fail(errno, "bind a channel's socket");
	}
	if (listen(channel->listen_fd, 1)) {
		int error = errno;

		unlink_port(channel);
		return local_fail(error, "listen on a channel's socket");
	}
	return 0;
}

int local_channel_offer(struct platform *platform, unsigned domain, uint32_t *port,
			struct channel **result)
{
	int error = local_check_peer(domain);
	struct channel *channel;

	if (error < 0)
		return error;
	channel = new_channel(local_of(platform), domain);
	if (!channel)
		return fail(ENOMEM, "no memory for a channel");
	error = listen_on_free_port(channel);
	if (error < 0) {
		local_channel_abandon(channel);
		return error;
	}
	*port = channel->port;
	*result = channel;
	return 0;
}

/* 0, -EPROTO for another one, or why that cannot be told. */
static int check_eventfd(int fd)
{
	char link[32], target[32];
	ssize_t length;

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	length = readlink(link, target, sizeof target - 1);
	if (length < 0)
		return -errno;
	target[length] = '\0';
	return strcmp(target, "anon_inode:[eventfd]") ? -EPROTO : 0;
}

static int check_greeting(const char *text, ssize_t length, const int *fds, size_t count)
{
	int result;

	if (count != 2 || length != sizeof greeting || memcmp(text, greeting, sizeof greeting))
		return -EPROTO;
	result = check_eventfd(fds[0]);
	return result < 0 ? result : check_eventfd(fds[1]);
}

/* Receives the two eventfds. 0, -EAGAIN when they are not there yet, -EPROTO for anything else that
 * came, or what there is too little of. */
static int receive_eventfds(int peer_fd, int fds[2])
{
	char text[sizeof greeting + 1];
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(2 * sizeof(int))];
	} control;
	struct iovec piece = { .iov_base = text, .iov_len = sizeof text };
	struct msghdr message = { .msg_iov = &piece,
				  .msg_iovlen = 1,
				  .msg_control = control.space,
				  .msg_controllen = sizeof control.space };
	ssize_t length = recvmsg(peer_fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	struct cmsghdr *header = length < 0 ? NULL : CMSG_FIRSTHDR(&message);
	size_t count = 0;
	int result;

	if (length < 0 && (errno == ENOMEM || errno == ENOBUFS))
		return -ENOMEM;
	if (length < 0)
		return errno == EAGAIN || errno == EINTR ? -EAGAIN : -EPROTO;
	if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
		count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(fds, CMSG_DATA(header), count * sizeof(int));
	}
	for (size_t at = 0; at < count; at++)
		fds[at] = own_descriptor(fds[at]);
	/* There is room for two: so they were cut off for want of numbers here. */
	if (count < 2 && (message.msg_flags & MSG_CTRUNC))
		result = -EMFILE;
	else
		result = check_greeting(text, length, fds, count);
	while (result < 0 && count > 0)
		close_descriptor(&fds[--count]);
	return result;
}

/* A socket that stays readable while nothing can be accepted would keep its poller busy: the
 * channel is given up. -errno if so, else 0. */
static int accept_failed(struct channel *channel, int error)
{
	if (!is_shortage(error))
		return 0;
	unlink_port(channel);
	drop(&channel->listen_fd);
	drop(&channel->peer_fd);
	channel->lost = true;
	return local_fail(error, "accept the peer on a channel");
}

/* From LISTENING as far as it goes. 1 when bound, -errno when given up. Junk is dropped and the
 * right peer may still come. */
static int accept_peer(struct channel *channel)
{
	int fds[2], result;

	if (channel->peer_fd < 0)
		accept_connection(channel);
	if (channel->peer_fd < 0)
		return accept_failed(channel, errno);
	result = receive_eventfds(channel->peer_fd, fds);
	if (result == -EAGAIN)
		return 0;
	if (result < 0 && result != -EPROTO)
		return accept_failed(channel, -result);
	if (result < 0) {
		drop(&channel->peer_fd);
		return 0;
	}
	unlink_port(channel);
	drop(&channel->listen_fd);
	channel->own_fd = fds[0];
	/* Either channel_notify sees the descriptor, or its mark is seen here. */
	atomic_store(&channel->out_fd, fds[1]);
	if (atomic_exchange(&channel->early, false))
		local_channel_notify(channel);
	return 1;
}

/* -- binding -------------------------------------------------------------------------------- */

static int send_eventfds(int peer_fd, const int fds[2])
{
	char text[sizeof greeting];
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(2 * sizeof(int))];
	} control = { 0 };
	struct iovec piece = { .iov_base = text, .iov_len = sizeof text };
	struct msghdr message = { .msg_iov = &piece,
				  .msg_iovlen = 1,
				  .msg_control = control.space,
				  .msg_controllen = sizeof control.space };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	memcpy(text, greeting, sizeof greeting);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(2 * sizeof(int));
	memcpy(CMSG_DATA(header), fds, 2 * sizeof(int));
	return sendmsg(peer_fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static int connect_to_port(struct channel *channel)
{
	struct sockaddr_un address;
	int result = new_socket(&channel->peer_fd);

	if (result < 0)
		return result;
	port_address(&address, channel->local->ports_fd, channel->domain, channel->port,
		     channel->local->base.self);
	if (connect(channel->peer_fd, (struct sockaddr *)&address, sizeof address) == 0)
		return 0;
	if (is_shortage(errno))
		return local_fail(errno, "connect to a channel");
	return fail(EINVAL, "domain %u has not offered port %u to this domain: %s", channel->domain,
		    channel->port, strerror(errno));
}

static int bind_to_port(struct channel *channel)
{
	int out, result = connect_to_port(channel);

	if (result < 0)
		return result;
	/* A fresh channel fires once, as on Xen. */
	channel->own_fd = own_descriptor(eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC));
	out = channel->own_fd < 0 ? -1 : own_descriptor(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
	if (out < 0)
		return local_fail(errno, "make an eventfd for a channel");
	atomic_store(&channel->out_fd, out);
	result = send_eventfds(channel->peer_fd, (int[2]){ out, channel->own_fd });
	/* Too many descriptors that were sent and not received yet. */
	if (result == -ETOOMANYREFS)
		return local_fail(EMFILE, "send descriptors to a channel");
	if (is_shortage(-result))
		return local_fail(-result, "send descriptors to a channel");
	if (result < 0)
		return fail(EINVAL, "domain %u withdrew port %u: %s", channel->domain,
			    channel->port, strerror(-result));
	return 0;
}

int local_channel_bind(struct platform *platform, unsigned domain, uint32_t port,
		       struct channel **result)
{
	int error = local_check_peer(domain);
	struct channel *channel;

	if (error < 0)
		return error;
	channel = new_channel(local_of(platform), domain);
	if (!channel)
		return fail(ENOMEM, "no memory for a channel");
	channel->port = port;
	error = bind_to_port(channel);
	if (error < 0) {
		local_channel_abandon(channel);
		return error;
	}
	*result = channel;
	return 0;
}

/* -- events --------------------------------------------------------------------------------- */

int local_channel_notify(struct channel *channel)
{
	const uint64_t one = 1;
	int fd = atomic_load(&channel->out_fd);

	if (fd < 0) {
		atomic_store(&channel->early, true);
		fd = atomic_load(&channel->out_fd);
		if (fd < 0)
			return 0;
	}
	/* EAGAIN: the counter is full, so an event is pending. */
	if (write(fd, &one, sizeof one) < 0 && errno != EAGAIN && errno != EINTR)
		return local_fail(errno, "notify a channel");
	return 0;
}

/* The connection carries nothing: whatever is to be read on it is its end, or a peer out of its
 * mind. */
static bool is_over(int peer_fd)
{
	char byte;

	return recv(peer_fd, &byte, sizeof byte, MSG_DONTWAIT) >= 0 ||
	       (errno != EAGAIN && errno != EINTR);
}

int local_channel_drain(struct channel *channel)
{
	uint64_t count;

	if (channel->listen_fd >= 0)
		return accept_peer(channel);
	if (channel->own_fd >= 0 && read(channel->own_fd, &count, sizeof count) == sizeof count)
		return 1;
	if (channel->peer_fd < 0 || !is_over(channel->peer_fd))
		return 0;
	channel->lost = true;
	drop(&channel->peer_fd);
	return 1;
}

int local_channel_fds(struct channel *channel, int fds[CHANNEL_FDS_MAX])
{
	int count = 0;

	if (channel->listen_fd >= 0) {
		fds[count++] = channel->peer_fd >= 0 ? channel->peer_fd : channel->listen_fd;
		return count;
	}
	if (channel->own_fd >= 0)
		fds[count++] = channel->own_fd;
	if (channel->peer_fd >= 0)
		fds[count++] = channel->peer_fd;
	return count;
}

bool local_channel_lost(struct channel *channel)
{
	return channel->lost;
}
