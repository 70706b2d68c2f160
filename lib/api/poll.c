/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>

#include "api/socket.h"
#include "base/deadline.h"
#include "base/error.h"

#define ENTRIES_MAX 1048576

static int check_entries(const struct xsock_pollfd *entries, size_t count)
{
	if (count > ENTRIES_MAX)
		return fail(EINVAL, "%zu sockets: %d at most", count, ENTRIES_MAX);
	if (entries == NULL && count > 0)
		return fail(EINVAL, "the entries are NULL");
	for (size_t at = 0; at < count; at++) {
		int error = entries[at].socket == NULL ? 0 : socket_check(entries[at].socket);

		if (error != 0)
			return error;
	}
	return 0;
}

/* Registers with the first `count` sockets, or those before one that fails. */
static int begin(struct xsock_pollfd *entries, size_t count, struct pollfd *fds)
{
	for (size_t at = 0; at < count; at++) {
		struct endpoint *endpoint;

		fds[at] = (struct pollfd){ .fd = -1, .events = POLLIN };
		if (entries[at].socket == NULL)
			continue;
		endpoint = socket_endpoint(entries[at].socket);
		fds[at].fd = endpoint_descriptor(endpoint);
		if (fds[at].fd < 0) {
			int error = fds[at].fd;

			while (at-- > 0)
				if (entries[at].socket != NULL)
					endpoint_poll_end(socket_endpoint(entries[at].socket),
							  entries[at].events);
			return error;
		}
		endpoint_poll_begin(endpoint, entries[at].events);
	}
	return 0;
}

static void end(struct xsock_pollfd *entries, size_t count)
{
	for (size_t at = 0; at < count; at++)
		if (entries[at].socket != NULL)
			endpoint_poll_end(socket_endpoint(entries[at].socket), entries[at].events);
}

static int look(struct xsock_pollfd *entries, size_t count)
{
	int ready = 0;

	for (size_t at = 0; at < count; at++) {
		struct xsock_pollfd *entry = &entries[at];

		entry->revents = 0;
		if (entry->socket == NULL)
			continue;
		entry->revents = endpoint_look(socket_endpoint(entry->socket), entry->events);
		ready += entry->revents != 0;
	}
	return ready;
}

static int wait_for(struct xsock_pollfd *entries, size_t count, struct pollfd *fds, int timeout)
{
	struct deadline deadline = deadline_in(timeout);

	for (;;) {
		int ready = look(entries, count);

		if (ready > 0 || deadline_passed(deadline))
			return ready;
		if (poll(fds, count, deadline_left(deadline)) < 0)
			return fail(errno, "poll failed");
		for (size_t at = 0; at < count; at++)
			if (fds[at].fd >= 0 && fds[at].revents != 0)
				endpoint_update(socket_endpoint(entries[at].socket));
	}
}

PUBLIC int xsock_poll(struct xsock_pollfd *entries, size_t count, int timeout)
{
	int error = check_entries(entries, count);
	struct pollfd *fds;

	if (error != 0)
		return (int)socket_result(error);
	fds = calloc(count + 1, sizeof *fds);
	if (fds == NULL)
		return (int)socket_result(fail(ENOMEM, "no memory to poll %zu sockets", count));
	error = begin(entries, count, fds);
	if (error == 0) {
		error = wait_for(entries, count, fds, timeout);
		end(entries, count);
	}
	free(fds);
	return (int)socket_result(error);
}

PUBLIC int xsock_fd(struct xsock *socket)
{
	int error = socket_check(socket);

	return (int)socket_result(error != 0 ? error :
					       endpoint_descriptor(socket_endpoint(socket)));
}

PUBLIC int xsock_set_events(struct xsock *socket, short events)
{
	int error = socket_check(socket);

	if (error == 0 && (events & ~(POLLIN | POLLOUT)) != 0)
		error = fail(EINVAL, "events 0x%x: only POLLIN and POLLOUT can be set", events);
	if (error == 0)
		endpoint_set_events(socket_endpoint(socket), events);
	return (int)socket_result(error);
}
