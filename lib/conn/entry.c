/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conn/entry.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/error.h"
#include "conn/arrival.h"
#include "conn/connection.h"
#include "conn/message.h"
#include "conn/presence.h"
#include "conn/readiness.h"

/* How long a connector may take to map what this end granted, or to remove its node. */
#define ENTRY_LIMIT 5000 /* ms */

struct entry {
	struct entry *next;
	struct connection *pending; /* granted here, not yet taken */
	struct deadline deadline;
	char path[STORE_PATH_MAX];
};

/* ------------------------------------------------------------------ the list */

static struct entry **find(struct listener *listener, const char *path)
{
	struct entry **at = &listener->entries;

	while (*at != NULL && strcmp((*at)->path, path) != 0)
		at = &(*at)->next;
	return at;
}

static struct entry *add(struct listener *listener, const char *path)
{
	struct entry *entry = calloc(1, sizeof *entry);

	if (entry == NULL)
		return NULL;
	memcpy(entry->path, path, strlen(path) + 1);
	entry->deadline = deadline_in(ENTRY_LIMIT);
	entry->next = listener->entries;
	listener->entries = entry;
	listener->entry_count++;
	return entry;
}

static void watch_channel(const struct listener *listener, struct connection *pending, bool watch)
{
	struct epoll_event event = { .events = EPOLLIN };
	int fds[ENDPOINT_FDS_MAX];
	int count = connection_endpoint_ops.descriptors(&pending->endpoint, fds);

	/* Those that are in already, or went away by themselves, make this fail harmlessly. */
	for (int at = 0; at < count; at++)
		epoll_ctl(listener->epoll_fd, watch ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, fds[at],
			  &event);
}

static void drop_pending(struct listener *listener, struct entry *entry)
{
	if (entry->pending == NULL)
		return;
	watch_channel(listener, entry->pending, false);
	connection_close(entry->pending);
	entry->pending = NULL;
	listener->waiting--;
	listener->refused++;
}

static void drop(struct listener *listener, struct entry **at)
{
	struct entry *entry = *at;

	drop_pending(listener, entry);
	*at = entry->next;
	listener->entry_count--;
	free(entry);
}

/* ------------------------------------------------------------------ answering */

/* Writes over the request. XenStore has no write to existing nodes only: if the connector removed
 * its node meanwhile, this made a new one, which belongs to this domain and must go. */
static void answer(struct listener *listener, const char *path, unsigned connector,
		   const struct message *message)
{
	const struct platform_ops *ops = listener->platform->ops;
	struct store_permissions permissions;
	char text[MESSAGE_SIZE];

	message_format(message, text);
	if (ops->store_write(listener->store, path, text) != 0)
		return;
	if (ops->store_get_permissions(listener->store, path, &permissions) == 0 &&
	    (permissions.owner != connector || permissions.others != ACCESS_NONE))
		ops->store_remove(listener->store, path);
}

static void refuse(struct listener *listener, const char *path, unsigned connector,
		   enum refusal reason)
{
	struct message message = { 0 };

	listener->refused++;
	message_set(&message, KEY_VERSION, MESSAGE_VERSION);
	message_set(&message, KEY_ERROR, reason);
	answer(listener, path, connector, &message);
}

static void answer_offer(struct listener *listener, const char *path, unsigned connector,
			 uint32_t port, uint32_t reference)
{
	struct message message = { 0 };

	message_set(&message, KEY_VERSION, MESSAGE_VERSION);
	message_set(&message, KEY_ERROR, REFUSED_NONE);
	message_set(&message, KEY_PORT, port);
	message_set(&message, KEY_REF, reference);
	answer(listener, path, connector, &message);
}

/* ------------------------------------------------------------------ taking a request */

/* 0, or why the request is not even looked at further. */
static enum refusal check(const struct message *message)
{
	const unsigned needed = 1u << KEY_ROLE | 1u << KEY_DIRECTION | 1u << KEY_SEND |
				1u << KEY_RECV | 1u << KEY_NONCE;
	uint64_t send = message->value[KEY_SEND], recv = message->value[KEY_RECV];
	uint64_t rounded_send, rounded_recv;

	if (message->value[KEY_VERSION] != MESSAGE_VERSION)
		return REFUSED_VERSION;
	if ((message->present & needed) != needed || message->value[KEY_NONCE] == 0)
		return REFUSED_MALFORMED;
	if (ring_bytes_round(send, &rounded_send) != 0 ||
	    ring_bytes_round(recv, &rounded_recv) != 0)
		return REFUSED_LIMIT;
	if (send != rounded_send || recv != rounded_recv)
		return REFUSED_MALFORMED;
	return REFUSED_NONE;
}

static enum refusal agree(struct listener *listener, unsigned connector,
			  const struct message *message, struct terms *terms)
{
	struct wishes theirs = { .domain = connector,
				 .role = (enum role_wish)message->value[KEY_ROLE],
				 .direction = (enum direction_wish)message->value[KEY_DIRECTION],
				 .send = message->value[KEY_SEND],
				 .recv = message->value[KEY_RECV] };
	enum terms_clash clash = terms_agree(&listener->wishes, &theirs, true, terms);
	uint64_t largest;

	if (clash != CLASH_NONE) {
		/* Told to accept's caller too, being a mistake of whoever set up these two ends. */
		arrival_add_failure(listener, EOPNOTSUPP);
		return clash == CLASH_ROLE ? REFUSED_ROLE : REFUSED_DIRECTION;
	}
	largest = terms->send > terms->recv ? terms->send : terms->recv;
	return largest > listener->limits.ring_bytes ? REFUSED_LIMIT : REFUSED_NONE;
}

static enum refusal reason_of(int error)
{
	if (error == -EDQUOT)
		return REFUSED_LIMIT;
	if (error == -EPROTO || error == -EINVAL || error == -EFAULT)
		return REFUSED_PAGES;
	return REFUSED_RESOURCES;
}

/* This end's part: maps what was offered, or grants and answers. */
static int set_up(struct listener *listener, struct entry *entry, struct connection *connection,
		  const struct message *message)
{
	uint64_t nonce = message->value[KEY_NONCE];
	uint32_t port, reference;
	int error;

	if (!connection->terms.grants) {
		if (!message_has(message, KEY_PORT) || !message_has(message, KEY_REF))
			return fail(EPROTO, "domain %u is to grant but offers nothing",
				    connection->domain);
		error = connection_take(connection, nonce, (uint32_t)message->value[KEY_PORT],
					(uint32_t)message->value[KEY_REF]);
		return error != 0 ? error : arrival_add(listener, connection);
	}
	error = connection_offer(connection, nonce, &port, &reference);
	if (error != 0)
		return error;
	entry->pending = connection;
	listener->waiting++;
	watch_channel(listener, connection, true);
	answer_offer(listener, entry->path, connection->domain, port, reference);
	return 0;
}

static enum refusal take(struct listener *listener, struct entry *entry, unsigned connector,
			 const struct message *message)
{
	struct connection *connection;
	struct platform *platform;
	struct terms terms;
	enum refusal reason = check(message);
	int error;

	if (reason == REFUSED_NONE)
		reason = agree(listener, connector, message, &terms);
	if (reason == REFUSED_NONE && listener->waiting >= listener->limits.backlog)
		reason = REFUSED_BUSY;
	if (reason != REFUSED_NONE)
		return reason;
	error = presence_enter(listener->platform->ops->name, &platform);
	if (error != 0)
		return REFUSED_RESOURCES;
	error = connection_new(platform, connector, listener->service, &terms,
			       listener->limits.domain_connections, &connection);
	if (error != 0) {
		presence_leave(platform);
		return reason_of(error);
	}
	error = set_up(listener, entry, connection, message);
	if (error == 0)
		return REFUSED_NONE;
	if (reason_of(error) == REFUSED_RESOURCES)
		arrival_add_failure(listener, ECONNABORTED);
	connection_close(connection);
	return reason_of(error);
}

/* ------------------------------------------------------------------ looking at nodes */

/* The connector's part is done once its permissions shut out everybody but the two of us. */
static bool is_complete(const struct listener *listener,
			const struct store_permissions *permissions)
{
	if (permissions->others != ACCESS_NONE)
		return false;
	if (permissions->owner == listener->platform->self)
		return permissions->count == 0;
	return permissions->count == 1 &&
	       permissions->grantee[0].domain == listener->platform->self &&
	       permissions->grantee[0].access == ACCESS_BOTH;
}

/* The connector removed its node: it has what it needs, or gave up. */
static void node_gone(struct listener *listener, const char *path)
{
	struct entry **at = find(listener, path);

	if (*at == NULL)
		return;
	entries_step(listener);
	at = find(listener, path);
	if (*at != NULL)
		drop(listener, at);
}

static void new_request(struct listener *listener, const char *path, unsigned connector,
			const struct message *message)
{
	struct entry *entry;
	enum refusal reason;

	/* Nodes that their makers do not remove are remembered only so far. */
	if (listener->entry_count >= 4 * listener->limits.backlog) {
		listener->refused++;
		listener->platform->ops->store_remove(listener->store, path);
		return;
	}
	entry = add(listener, path);
	reason = entry == NULL ? REFUSED_RESOURCES : take(listener, entry, connector, message);
	if (reason != REFUSED_NONE)
		refuse(listener, path, connector, reason);
}

void entry_look(struct listener *listener, const char *path, long place)
{
	const struct platform_ops *ops = listener->platform->ops;
	struct store_permissions permissions;
	struct message message;
	char text[STORE_VALUE_MAX];
	int error = ops->store_get_permissions(listener->store, path, &permissions);
	ssize_t length;

	if (error == -ENOENT)
		node_gone(listener, path);
	/* The owner is who connects; XenStore lets nobody lie about that. */
	if (error != 0 || !is_complete(listener, &permissions) ||
	    (place >= 0 && (unsigned)place != permissions.owner) || *find(listener, path) != NULL)
		return;
	length = ops->store_read(listener->store, path, text, sizeof text);
	if (length <= 0)
		return;
	if (message_parse(text, &message) != 0) {
		if (add(listener, path) != NULL)
			refuse(listener, path, permissions.owner, REFUSED_MALFORMED);
	} else if (!message_has(&message, KEY_ERROR)) {
		new_request(listener, path, permissions.owner, &message);
	}
}

/* ------------------------------------------------------------------ time */

/* True when nothing is left to wait for but the node's removal. */
static void step_pending(struct listener *listener, struct entry *entry)
{
	struct connection *pending = entry->pending;
	int taken;

	connection_endpoint_ops.drain(&pending->endpoint);
	taken = connection_taken(pending);
	watch_channel(listener, pending, taken == 0);
	if (taken == 0)
		return;
	entry->pending = NULL;
	listener->waiting--;
	if (taken > 0 && arrival_add(listener, pending) == 0)
		return;
	listener->refused++;
	connection_close(pending);
}

void entries_step(struct listener *listener)
{
	struct entry **at = &listener->entries;

	while (*at != NULL) {
		struct entry *entry = *at;

		if (entry->pending != NULL)
			step_pending(listener, entry);
		if (deadline_passed(entry->deadline)) {
			listener->platform->ops->store_remove(listener->store, entry->path);
			drop(listener, at);
		} else {
			at = &entry->next;
		}
	}
}

struct deadline entries_deadline(const struct listener *listener)
{
	struct deadline first = { .never = true };

	for (const struct entry *entry = listener->entries; entry != NULL; entry = entry->next)
		first = deadline_earlier(first, entry->deadline);
	return first;
}

void entries_drop(struct listener *listener, bool touch)
{
	while (listener->entries != NULL) {
		struct entry *entry = listener->entries;

		if (!touch && entry->pending != NULL) {
			connection_abandon(entry->pending);
			entry->pending = NULL;
		}
		drop(listener, &listener->entries);
	}
}
