/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conn/listener.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/error.h"
#include "base/owned.h"
#include "conn/arrival.h"
#include "conn/connection.h"
#include "conn/entry.h"
#include "conn/message.h"
#include "conn/presence.h"
#include "conn/registry.h"
#include "conn/restore.h"

/* A look at a node takes questions to the store. Whoever makes nodes faster than they are looked at
 * must not make others wait behind them: of more events a look at everything tells as much, and
 * that goes on in the next call, so that those who are connected have their turn. */
#define EVENTS_LOOKED_AT 16
#define NODES_LOOKED_AT 16
/* Bounded: the descriptor stays readable for the rest. */
#define EVENTS_AT_A_TIME 4096

/* ------------------------------------------------------------------ the nodes */

static int make_requests_node(struct listener *listener, unsigned domain)
{
	const struct platform_ops *ops = listener->platform->ops;
	struct store_permissions permissions = { .owner = listener->platform->self };
	bool open = listener->allowed == NULL;
	char path[STORE_PATH_MAX];

	if (open) {
		permissions.others = ACCESS_BOTH;
	} else if (domain != permissions.owner) {
		permissions.count = 1;
		permissions.grantee[0].domain = domain;
		permissions.grantee[0].access = ACCESS_BOTH;
	}
	path_requests(path, permissions.owner, listener->service, open, domain);
	return ops->store_put(listener->store, path, "", &permissions);
}

/* Last of all, as connectors take it for a listener that is ready. */
static int announce(struct listener *listener)
{
	const struct platform_ops *ops = listener->platform->ops;
	struct store_permissions readable = { .owner = listener->platform->self,
					      .others = ACCESS_READ };
	const struct wishes *wishes = &listener->wishes;
	struct message message = { 0 };
	char text[MESSAGE_SIZE];
	int error;

	message_set(&message, KEY_VERSION, MESSAGE_VERSION);
	message_set_wishes(&message, wishes);
	message_set(&message, KEY_MAX, listener->limits.ring_bytes);
	message_set(&message, KEY_OPEN, listener->allowed == NULL);
	message_format(&message, text);
	error = ops->store_set_permissions(listener->store, listener->path, &readable);
	return error != 0 ? error : ops->store_write(listener->store, listener->path, text);
}

int listener_make_nodes(struct listener *listener)
{
	const struct platform_ops *ops = listener->platform->ops;
	/* What a dead listener of this name left. */
	int error = ops->store_remove(listener->store, listener->path);

	if (error == 0)
		error = ops->store_write(listener->store, listener->path, "");
	if (error == 0 && listener->allowed == NULL)
		error = make_requests_node(listener, 0);
	for (size_t at = 0; at < listener->allowed_count && error == 0; at++)
		/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): a count has its list */
		error = make_requests_node(listener, listener->allowed[at]);
	if (error == 0)
		error = ops->store_watch(listener->store, listener->path);
	return error != 0 ? error : announce(listener);
}

/* ------------------------------------------------------------------ events */

#define AGAIN 100 /* ms */

void listener_look_again(struct listener *listener)
{
	listener->look_again = deadline_earlier(listener->look_again, deadline_in(AGAIN));
}

/* A request's place, PATH/any or PATH/DOMAIN, by what follows PATH/: the domain, or -1. */
static long place_of(const struct listener *listener, const char *path)
{
	const char *place = path + strlen(listener->path) + 1;
	char *end;
	long domain = strtol(place, &end, 10);

	return end == place ? -1 : domain;
}

static int make_place(struct listener *listener, long place)
{
	return make_requests_node(listener, place < 0 ? 0 : (unsigned)place);
}

void listener_open_place(struct listener *listener, const char *path)
{
	if (make_place(listener, place_of(listener, path)) != 0)
		listener_look_again(listener);
}

void listener_remake_place(struct listener *listener, const char *path)
{
	char requests[STORE_PATH_MAX];
	const char *id = strrchr(path, '/');

	snprintf(requests, sizeof requests, "%.*s", (int)(id - path), path);
	if (listener->platform->ops->store_remove(listener->store, requests) != 0)
		listener_look_again(listener);
	else
		listener_open_place(listener, path);
}

static const char *name_after(const char *names, const char *name)
{
	name += strlen(name) + 1;
	return *name != '\0' ? name : names;
}

/* The first so many, from where the last call ended: whose names come first is no matter. */
static void look_at_names(struct listener *listener, const char *requests, const char *names,
			  long place)
{
	char path[STORE_PATH_MAX];
	const char *name = names;
	unsigned looks = 0;
	size_t count = 0;

	for (const char *at = names; *at != '\0'; at += strlen(at) + 1)
		count++;
	for (size_t at = count > 0 ? listener->look_from % count : 0; at > 0; at--)
		name = name_after(names, name);
	for (; count > 0; count--, name = name_after(names, name)) {
		int length = snprintf(path, sizeof path, "%s/%s", requests, name);
		bool fits = length < (int)sizeof path;

		if (fits && !entry_find(listener, path))
			continue;
		/* A name that no request of ours has, made to stay. */
		if (looks < NODES_LOOKED_AT && !fits)
			listener_remake_place(listener, path);
		else if (looks < NODES_LOOKED_AT)
			entry_look(listener, path, place);
		else
			listener->unfinished = true;
		looks++;
	}
}

/* Everything in one place for requests: after events may have been missed. Those who may write
 * requests may also remove the place for them: then it is put back. True when all is known of it.
 */
static bool look_at_place(struct listener *listener, const char *requests, long place)
{
	const struct platform_ops *ops = listener->platform->ops;
	char *names;
	int error = ops->store_list(listener->store, requests, &names);

	if (error == -ENOENT)
		error = make_place(listener, place) != 0 ? -EAGAIN : -ENOENT;
	if (error != 0 && error != -ENOENT)
		listener_look_again(listener);
	if (error != 0)
		return error == -ENOENT;
	look_at_names(listener, requests, names, place);
	free(names);
	return true;
}

static void look_everywhere(struct listener *listener)
{
	char requests[STORE_PATH_MAX];
	bool all = true;

	listener->unfinished = false;
	entries_miss(listener);
	if (listener->allowed == NULL) {
		path_requests(requests, listener->platform->self, listener->service, true, 0);
		all = look_at_place(listener, requests, -1);
	}
	for (size_t at = 0; at < listener->allowed_count; at++) {
		/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): as above */
		unsigned domain = listener->allowed[at];

		path_requests(requests, listener->platform->self, listener->service, false, domain);
		all = look_at_place(listener, requests, (long)domain) && all;
	}
	listener->look_from += NODES_LOOKED_AT;
	if (all)
		entries_drop_missed(listener);
}

/* True when only a look at everything can tell what the event means. */
static bool look_at_event(struct listener *listener, const char *path)
{
	size_t length = strlen(listener->path);
	const char *id;

	if (strncmp(path, listener->path, length) != 0 || path[length] != '/')
		return true;
	id = strchr(path + length + 1, '/');
	if (id == NULL)
		return true;
	if (strchr(id + 1, '/') == NULL)
		entry_look(listener, path, place_of(listener, path));
	return false;
}

/* True when everything is to be looked at. */
static bool take_events(struct listener *listener)
{
	char path[STORE_PATH_MAX];
	bool everything = false;

	for (int count = 0; count < EVENTS_AT_A_TIME; count++) {
		int event = listener->platform->ops->store_next(listener->store, path, sizeof path);

		if (event == 0)
			break;
		/* An event that does not fit in `path` is one of those too. */
		everything = everything || count >= EVENTS_LOOKED_AT || event < 0 ||
			     look_at_event(listener, path);
		if (event < 0 && event != -ENAMETOOLONG)
			break;
	}
	return everything;
}

static void listener_drain(struct endpoint *endpoint)
{
	struct listener *listener = (struct listener *)endpoint;
	bool everything;

	listener->answered = 0;
	everything = take_events(listener);
	if (deadline_passed(listener->look_again)) {
		listener->look_again.never = true;
		everything = true;
	}
	listener->round += everything;
	if (everything)
		restore_listener(listener);
	if (everything || listener->unfinished)
		look_everywhere(listener);
	entries_step(listener);
}

static short listener_ready(struct endpoint *endpoint, short events, struct want want)
{
	const struct listener *listener = (const struct listener *)endpoint;

	(void)want;
	if (listener->stopped)
		return (short)((events & POLLIN) | POLLHUP);
	return listener->first != NULL ? events & POLLIN : 0;
}

static int listener_descriptors(struct endpoint *endpoint, int fds[ENDPOINT_FDS_MAX])
{
	fds[0] = ((struct listener *)endpoint)->epoll_fd;
	return 1;
}

static struct deadline listener_next_work(struct endpoint *endpoint)
{
	struct listener *listener = (struct listener *)endpoint;

	if (listener->unfinished)
		return deadline_in(0);
	return deadline_earlier(listener->look_again, entries_deadline(listener));
}

static const struct endpoint_ops listener_endpoint_ops = {
	.ready = listener_ready,
	.descriptors = listener_descriptors,
	.drain = listener_drain,
	.next_work = listener_next_work,
};

/* ------------------------------------------------------------------ life */

static int copy_allowed(struct listener *listener, const unsigned *allowed, size_t count)
{
	if (allowed == NULL)
		return 0;
	/* One more than needed: an empty list is a list, that lets nobody in. */
	listener->allowed = calloc(count + 1, sizeof *allowed);
	if (listener->allowed == NULL)
		return fail(ENOMEM, "no memory for an allow-list of %zu domains", count);
	for (size_t at = 0; at < count; at++) {
		if (allowed[at] > DOMAIN_MAX)
			return fail(EINVAL, "the allow-list names domain %u, the highest is %u",
				    allowed[at], DOMAIN_MAX);
		listener->allowed[at] = allowed[at];
	}
	listener->allowed_count = count;
	return 0;
}

int listener_watch_store(const struct listener *listener)
{
	struct epoll_event event = { .events = EPOLLIN };
	int fd = listener->platform->ops->store_fd(listener->store);

	if (fd < 0)
		return fd;
	if (epoll_ctl(listener->epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0)
		return fail(errno, "no descriptor for a listener's epoll");
	return 0;
}

static int open_epoll(struct listener *listener)
{
	listener->epoll_fd = own_descriptor(epoll_create1(EPOLL_CLOEXEC));
	if (listener->epoll_fd < 0)
		return fail(errno, "no descriptor for a listener's epoll");
	return listener_watch_store(listener);
}

static int open_parts(struct listener *listener)
{
	int error = arrival_new(&listener->spare);

	if (error == 0)
		error = presence_take_name(listener->platform, listener->service,
					   &listener->name_fd);
	if (error == 0)
		error = listener->platform->ops->store_open(listener->platform, &listener->store);
	if (error == 0)
		error = open_epoll(listener);
	if (error == 0)
		error = listener_make_nodes(listener);
	return error;
}

static void close_in_child(struct fork_link *link)
{
	close_descriptor(
		&((struct listener *)((char *)link - offsetof(struct listener, fork)))->name_fd);
}

static void free_parts(struct listener *listener)
{
	registry_leave(listener->slot);
	fork_unwatch(&listener->fork);
	close_descriptor(&listener->epoll_fd);
	presence_drop_name(listener->service, &listener->name_fd);
	endpoint_destroy(&listener->endpoint);
	free(listener->allowed);
	free(listener->spare);
	rates_free(&listener->rates);
	free(listener);
}

/* All but the hold on the platform. */
static void discard(struct listener *listener)
{
	const struct platform_ops *ops = listener->platform->ops;
	struct connection *connection;

	failure_hold();
	/* The nodes first: a connector whose offer stops working then sees why. Only with the name
	 * held are these nodes this listener's. */
	if (listener->store != NULL)
		ops->store_remove(listener->store, listener->path);
	while (listener->first != NULL)
		if (arrival_take(listener, &connection) == 0)
			connection_close(connection);
	if (listener->epoll_fd >= 0)
		entries_drop(listener, true);
	if (listener->store != NULL)
		ops->store_close(listener->store);
	free_parts(listener);
	failure_release();
}

int listener_open(struct platform *platform, const char *service, const struct wishes *wishes,
		  const struct listener_limits *limits, const unsigned *allowed,
		  size_t allowed_count, struct listener **made)
{
	struct listener *listener = calloc(1, sizeof *listener);
	int error;

	if (listener == NULL)
		return fail(ENOMEM, "no memory for a listener");
	listener->platform = platform;
	listener->wishes = *wishes;
	listener->wishes.domain = platform->self;
	listener->limits = *limits;
	listener->look_again.never = true;
	listener->name_fd = -1;
	listener->epoll_fd = -1;
	listener->last = &listener->first;
	snprintf(listener->service, sizeof listener->service, "%s", service);
	path_service(listener->path, platform->self, service);
	error = endpoint_init(&listener->endpoint, &listener_endpoint_ops);
	if (error != 0) {
		free(listener);
		return error;
	}
	fork_watch(&listener->fork, close_in_child);
	listener->slot = registry_enter(REGISTRY_LISTENER, listener, platform);
	error = copy_allowed(listener, allowed, allowed_count);
	if (error == 0)
		error = open_parts(listener);
	if (error == 0)
		*made = listener;
	else
		discard(listener);
	return error;
}

void listener_close(struct listener *listener)
{
	struct platform *platform = listener->platform;

	discard(listener);
	presence_leave(platform);
}

void listener_abandon(struct listener *listener)
{
	struct platform *platform = listener->platform;
	struct connection *connection;

	while (listener->first != NULL)
		if (arrival_take(listener, &connection) == 0)
			connection_abandon(connection);
	entries_drop(listener, false);
	platform->ops->store_abandon(listener->store);
	free_parts(listener);
	presence_leave(platform);
}

void listener_stop(struct listener *listener)
{
	pthread_mutex_lock(&listener->endpoint.lock);
	listener->stopped = true;
	pthread_mutex_unlock(&listener->endpoint.lock);
	endpoint_alarm(&listener->endpoint);
}

int listener_accept(struct listener *listener, int timeout, struct connection **connection)
{
	struct deadline deadline = deadline_in(timeout);
	int error;

	do {
		error = endpoint_wait(&listener->endpoint, POLLIN, (struct want){ .need = 1 },
				      deadline);
		if (error != 0)
			break;
		pthread_mutex_lock(&listener->endpoint.lock);
		error = listener->stopped ? fail(EINVAL, "the listener was shut down")
					  : arrival_take(listener, connection);
		if (error == 0)
			listener->accepted++;
		pthread_mutex_unlock(&listener->endpoint.lock);
		/* Another thread may have been faster. */
	} while (error == -EAGAIN);
	if (error == -ETIMEDOUT && timeout == 0)
		error = fail(EAGAIN, "nobody is waiting to be accepted");
	endpoint_update(&listener->endpoint);
	return error;
}
