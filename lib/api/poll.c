/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <sys/eventfd.h>

#include "api/socket.h"
#include "base/deadline.h"
#include "base/error.h"
#include "base/owned.h"
#include "base/spin.h"
#include "conn/transfer.h"

#define ENTRIES_MAX 1048576
#define EVENTS (POLLIN | POLLOUT | POLLERR) /* that can be asked for */

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

static int look(struct xsock_pollfd *entries, size_t count)
{
	int ready = 0;

	for (size_t at = 0; at < count; at++) {
		struct xsock_pollfd *entry = &entries[at];

		entry->revents = 0;
		if (entry->socket == NULL)
			continue;
		entry->revents =
			endpoint_look(socket_endpoint(entry->socket), entry->events & EVENTS);
		ready += entry->revents != 0;
	}
	return ready;
}

static void attend(struct xsock_pollfd *entries, size_t count)
{
	for (size_t at = 0; at < count; at++)
		if (entries[at].socket != NULL)
			endpoint_attend(socket_endpoint(entries[at].socket));
}

/* Whatever else is ready: who is woken by a descriptor for nothing must find it quiet afterwards.
 */
static void quiet(struct xsock_pollfd *entries, size_t count)
{
	for (size_t at = 0; at < count; at++)
		if (entries[at].socket != NULL)
			endpoint_quiet(socket_endpoint(entries[at].socket));
}

/* ------------------------------------------------------------------ asking */

/* Of more sockets to ask takes longer than to sleep. */
#define ASKED_MOST 16

struct asked {
	const struct xsock_pollfd *entries;
	size_t count;
};

static bool may_be_asked(const struct xsock_pollfd *entry)
{
	const struct connection *connection = entry->socket->connection;

	return (entry->events & POLLIN) != 0 && connection != NULL && connection->spins;
}

static bool any_receivable(const void *what)
{
	const struct asked *asked = what;

	for (size_t at = 0; at < asked->count; at++) {
		const struct xsock_pollfd *entry = &asked->entries[at];

		if (entry->socket != NULL && transfer_is_receivable(entry->socket->connection))
			return true;
	}
	return false;
}

/* Before a sleep: true when bytes have come. Only where nothing but bytes is waited for. */
static bool ask(const struct xsock_pollfd *entries, size_t count)
{
	static _Thread_local struct spin spin = SPIN_INITIALIZER;
	struct asked asked = { .entries = entries, .count = count };

	if (count > ASKED_MOST)
		return false;
	for (size_t at = 0; at < count; at++)
		if (entries[at].socket != NULL && !may_be_asked(&entries[at]))
			return false;
	return spin_for(&spin, any_receivable, &asked);
}

/* ------------------------------------------------------------------ sleeping */

/* One entry's part in a call that has to sleep. */
struct part {
	struct observer observer;
	size_t count; /* of its descriptors, in the order of the entries */
};

struct sleeper {
	struct part *parts;
	struct pollfd *polled; /* first `fd`, which all observers share, then the parts' */
	int fd;
};

static void sleeper_free(struct sleeper *sleeper)
{
	free(sleeper->parts);
	free(sleeper->polled);
	close_descriptor(&sleeper->fd);
}

static int sleeper_init(struct sleeper *sleeper, size_t count)
{
	int error = ENOMEM;

	sleeper->parts = calloc(count + 1, sizeof *sleeper->parts);
	sleeper->polled = calloc(1 + count * (ENDPOINT_FDS_MAX + 1), sizeof *sleeper->polled);
	sleeper->fd = own_descriptor(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
	if (sleeper->fd >= 0 && sleeper->parts != NULL && sleeper->polled != NULL)
		return 0;
	if (sleeper->fd < 0)
		error = errno;
	sleeper_free(sleeper);
	return fail(error, "no descriptor or memory to poll %zu sockets", count);
}

static void observe(struct sleeper *sleeper, struct xsock_pollfd *entries, size_t count, bool begin)
{
	for (size_t at = 0; at < count; at++) {
		struct observer *observer = &sleeper->parts[at].observer;

		if (entries[at].socket == NULL)
			continue;
		if (begin) {
			observer->fd = sleeper->fd;
			observer->events = entries[at].events & EVENTS;
			endpoint_observe(socket_endpoint(entries[at].socket), observer);
		} else {
			endpoint_unobserve(socket_endpoint(entries[at].socket), observer);
		}
	}
}

static size_t gather(struct sleeper *sleeper, struct xsock_pollfd *entries, size_t count,
		     struct deadline *deadline)
{
	size_t used = 1;

	sleeper->polled[0] = (struct pollfd){ .fd = sleeper->fd, .events = POLLIN };
	for (size_t at = 0; at < count; at++) {
		if (entries[at].socket == NULL)
			continue;
		sleeper->parts[at].count = (size_t)endpoint_gather(
			socket_endpoint(entries[at].socket), &sleeper->polled[used], deadline);
		used += sleeper->parts[at].count;
	}
	return used;
}

/* Only those with something to take: attending tells all observers, and were each of two to attend
 * whenever it is told, they would keep each other awake for ever. */
static void attend_readable(struct sleeper *sleeper, struct xsock_pollfd *entries, size_t count)
{
	const struct pollfd *polled = &sleeper->polled[1];

	for (size_t at = 0; at < count; at++) {
		bool readable = false;

		for (size_t fd = 0; fd < sleeper->parts[at].count; fd++)
			readable = readable || polled[fd].revents != 0;
		polled += sleeper->parts[at].count;
		if (readable)
			endpoint_attend(socket_endpoint(entries[at].socket));
	}
}

/* Sleeps until something happened at one of them, or time is up. */
static int sleep_on(struct sleeper *sleeper, struct xsock_pollfd *entries, size_t count,
		    struct deadline deadline)
{
	size_t used = gather(sleeper, entries, count, &deadline);
	int happened = poll(sleeper->polled, used, deadline_left(deadline));

	if (happened < 0)
		return fail(errno, "%s",
			    errno == EINTR ? "a signal was caught while waiting"
					   : "polling the sockets' descriptors failed");
	if (happened == 0)
		attend(entries, count);
	else
		attend_readable(sleeper, entries, count);
	/* What was told up to here is seen by the look that follows. */
	eventfd_clear(sleeper->fd);
	return 0;
}

static int look_and_sleep(struct xsock_pollfd *entries, size_t count, struct deadline deadline)
{
	struct sleeper sleeper;
	int error = sleeper_init(&sleeper, count);
	int ready = 0;

	if (error != 0)
		return error;
	observe(&sleeper, entries, count, true);
	while (error == 0 && (ready = look(entries, count)) == 0 && !deadline_passed(deadline))
		error = sleep_on(&sleeper, entries, count, deadline);
	observe(&sleeper, entries, count, false);
	sleeper_free(&sleeper);
	return error != 0 ? error : ready;
}

PUBLIC int xsock_poll(struct xsock_pollfd *entries, size_t count, int timeout)
{
	struct deadline deadline = deadline_in(timeout);
	int result = check_entries(entries, count);

	if (result == 0) {
		quiet(entries, count);
		result = look(entries, count);
	}
	if (result == 0) {
		/* What has happened already but was not taken yet counts, even with time-out 0. */
		attend(entries, count);
		result = look(entries, count);
	}
	if (result == 0 && timeout != 0 && ask(entries, count))
		result = look(entries, count);
	if (result == 0 && !deadline_passed(deadline))
		result = look_and_sleep(entries, count, deadline);
	return (int)socket_result(result);
}

/* ------------------------------------------------------------------ other event loops */

PUBLIC int xsock_fd(struct xsock *socket)
{
	int error = socket_check(socket);

	return (int)socket_result(error != 0 ? error
					     : endpoint_descriptor(socket_endpoint(socket)));
}

PUBLIC int xsock_set_events(struct xsock *socket, short events)
{
	int error = socket_check(socket);

	if (error == 0 && (events & ~EVENTS) != 0)
		error = fail(EINVAL, "events 0x%x: only POLLIN, POLLOUT and POLLERR can be set",
			     (unsigned)events);
	if (error == 0)
		endpoint_set_events(socket_endpoint(socket), events);
	return (int)socket_result(error);
}
