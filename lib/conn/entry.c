/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conn/entry.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/error.h"
#include "conn/admission.h"
#include "conn/arrival.h"
#include "conn/connection.h"
#include "conn/message.h"
#include "conn/presence.h"
#include "conn/readiness.h"

/* How long a connector may take to map what this end granted, or to remove its node. */
#define ENTRY_LIMIT 5000 /* ms */

/* Requests that one call answers of domains with others here already. */
#define ANSWERED_AT_A_TIME 4

/*
 * Every node below a place for requests has one from when it is first seen until it is gone: also
 * those that never become requests, as whoever fills the place with such would shut out all others.
 * After the limit the node is removed, or the place made anew when XenStore does not let this end
 * remove it.
 */
struct entry {
	struct entry *next;
	unsigned domain;            /* the node's owner */
	bool handled;               /* what it says was read, and taken or refused */
	bool missed;                /* not found yet in the list of its place */
	unsigned round;             /* of the last look at it */
	bool put_off;               /* until a later call */
	struct connection *pending; /* granted here, not yet taken */
	struct arrival *arrival;    /* of it */
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

static struct entry *add(struct listener *listener, const char *path, unsigned domain)
{
	struct entry *entry = calloc(1, sizeof *entry);

	if (entry == NULL)
		return NULL;
	entry->domain = domain;
	memcpy(entry->path, path, strlen(path) + 1);
	entry->deadline = deadline_in(ENTRY_LIMIT);
	entry->next = listener->entries;
	listener->entries = entry;
	listener->entry_count++;
	return entry;
}

static void change_watch(struct listener *listener, struct connection *pending, int operation)
{
	struct epoll_event event = { .events = EPOLLIN };
	int fds[ENDPOINT_FDS_MAX];
	int count = connection_endpoint_ops.descriptors(&pending->endpoint, fds);

	/* Those that are in already, or went away by themselves, make this fail harmlessly; one
	 * that cannot be added tells of nothing. */
	for (int at = 0; at < count; at++)
		if (epoll_ctl(listener->epoll_fd, operation, fds[at], &event) != 0 &&
		    operation == EPOLL_CTL_ADD && errno != EEXIST)
			listener_look_again(listener);
}

/* The set-up is over, one way or the other; its connection is the caller's. */
static struct connection *release_pending(struct listener *listener, struct entry *entry)
{
	struct connection *pending = entry->pending;

	entry->pending = NULL;
	listener->waiting--;
	change_watch(listener, pending, EPOLL_CTL_DEL);
	/* The one of its descriptors that tells of a domain's end all have in common. */
	for (entry = listener->entries; entry != NULL && entry->pending == NULL;)
		entry = entry->next;
	if (entry != NULL)
		change_watch(listener, entry->pending, EPOLL_CTL_ADD);
	return pending;
}

static void drop_pending(struct listener *listener, struct entry *entry)
{
	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): who looks for it has it in the list */
	if (entry->pending == NULL)
		return;
	refusal_note(listener, entry->domain, CAUSE_UNFINISHED, NULL);
	connection_close(release_pending(listener, entry));
}

static unsigned pending_of(const struct listener *listener, unsigned domain)
{
	unsigned count = arrivals_of(listener, domain);

	for (const struct entry *entry = listener->entries; entry != NULL; entry = entry->next)
		count += entry->pending != NULL && entry->domain == domain;
	return count;
}

static unsigned entries_of(const struct listener *listener, unsigned domain)
{
	unsigned count = 0;

	for (const struct entry *entry = listener->entries; entry != NULL; entry = entry->next)
		count += entry->domain == domain;
	return count;
}

static bool has_answered(const struct listener *listener, unsigned domain)
{
	for (const struct entry *entry = listener->entries; entry != NULL; entry = entry->next)
		if (entry->domain == domain && entry->handled)
			return true;
	return false;
}

static void drop(struct listener *listener, struct entry **at)
{
	struct entry *entry = *at;

	drop_pending(listener, entry);
	*at = entry->next;
	listener->entry_count--;
	free(entry->arrival);
	free(entry);
}

/* ------------------------------------------------------------------ answering */

/* Writes over the request. XenStore has no write to existing nodes only: if the connector removed
 * its node meanwhile, this made a new one, which belongs to this domain and must go. If it removed
 * the whole place, this made that anew too, but closed to all others. */
static int answer(struct listener *listener, const char *path, unsigned connector,
		  const struct message *message)
{
	const struct platform_ops *ops = listener->platform->ops;
	struct store_permissions permissions;
	char text[MESSAGE_SIZE];
	int error;

	message_format(message, text);
	error = ops->store_write(listener->store, path, text);
	if (error == 0 && ops->store_get_permissions(listener->store, path, &permissions) == 0 &&
	    (permissions.owner != connector || permissions.others != ACCESS_NONE)) {
		ops->store_remove(listener->store, path);
		listener_open_place(listener, path);
	}
	return error;
}

/* A refusal that cannot be written is forgotten, with its entry, and made again later. */
static void refuse(struct listener *listener, struct entry *entry, struct verdict verdict)
{
	struct message message = { 0 };

	message_set(&message, KEY_VERSION, MESSAGE_VERSION);
	message_set(&message, KEY_ERROR, verdict.reason);
	message_set(&message, KEY_WHY, verdict.cause);
	if (answer(listener, entry->path, entry->domain, &message) == 0)
		return;
	listener_look_again(listener);
	drop(listener, find(listener, entry->path));
}

static int answer_offer(struct listener *listener, const char *path, unsigned connector,
			uint32_t port, uint32_t reference)
{
	struct message message = { 0 };

	message_set(&message, KEY_VERSION, MESSAGE_VERSION);
	message_set(&message, KEY_ERROR, REFUSED_NONE);
	message_set(&message, KEY_PORT, port);
	message_set(&message, KEY_REF, reference);
	return answer(listener, path, connector, &message);
}

/* ------------------------------------------------------------------ taking a request */

static int set_up_mapper(struct listener *listener, struct entry *entry,
			 struct connection *connection, const struct message *message)
{
	int error;

	if (!message_has(message, KEY_PORT) || !message_has(message, KEY_REF))
		return fail(EPROTO, "domain %u is to grant but offers nothing", connection->domain);
	error = connection_take(connection, message->value[KEY_NONCE],
				(uint32_t)message->value[KEY_PORT],
				(uint32_t)message->value[KEY_REF]);
	if (error != 0)
		return error;
	arrival_add(listener, entry->arrival, connection);
	entry->arrival = NULL;
	return 0;
}

/* This end's part: maps what was offered, or grants and answers. */
static int set_up(struct listener *listener, struct entry *entry, struct connection *connection,
		  const struct message *message)
{
	uint32_t port, reference;
	int error = arrival_new(&entry->arrival);

	if (error != 0)
		return error;
	if (!connection->terms.grants)
		return set_up_mapper(listener, entry, connection, message);
	error = connection_offer(connection, message->value[KEY_NONCE], &port, &reference);
	if (error != 0)
		return error;
	error = answer_offer(listener, entry->path, connection->domain, port, reference);
	if (error == -EACCES || error == -ENOENT)
		return fail(ECONNRESET, "domain %u took its request back", connection->domain);
	if (error != 0)
		return error;
	entry->pending = connection;
	listener->waiting++;
	change_watch(listener, connection, EPOLL_CTL_ADD);
	return 0;
}

/* With a sentence, when it fails. */
static struct verdict begin(struct listener *listener, struct entry *entry,
			    const struct terms *terms, const struct message *message)
{
	struct platform *platform = listener->platform;
	struct connection *connection;
	struct verdict verdict;
	int error;

	presence_hold(platform);
	error = connection_new(platform, entry->domain, listener->service, &connection);
	if (error != 0) {
		presence_leave(platform);
		return verdict_of(error, CAUSE_NONE);
	}
	error = connection_agree(connection, terms, &listener->limits.shared);
	verdict = verdict_of(error, connection->peer.over);
	if (error == 0) {
		error = set_up(listener, entry, connection, message);
		verdict = verdict_of(error, CAUSE_NONE);
	}
	if (error == 0)
		return (struct verdict){ REFUSED_NONE, CAUSE_NONE };
	connection_close(connection);
	return verdict;
}

static struct verdict take(struct listener *listener, struct entry *entry,
			   const struct message *message)
{
	struct terms terms;
	struct verdict verdict = admit(listener, entry->domain, pending_of(listener, entry->domain),
				       message, &terms);
	const char *detail = NULL;

	if (verdict.reason == REFUSED_NONE) {
		verdict = begin(listener, entry, &terms, message);
		if (verdict.cause == CAUSE_PAGES || verdict.cause == CAUSE_RESOURCES)
			detail = last_failure();
	}
	if (verdict.reason == REFUSED_RESOURCES)
		arrival_add_failure(listener, entry->domain, ECONNABORTED);
	if (verdict.reason != REFUSED_NONE)
		refusal_note(listener, entry->domain, verdict.cause, detail);
	return verdict;
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

static void step_pending(struct listener *listener, struct entry *entry)
{
	struct connection *pending = entry->pending;
	int taken;

	connection_endpoint_ops.drain(&pending->endpoint);
	/* Binding changes a channel's descriptors. */
	change_watch(listener, pending, EPOLL_CTL_ADD);
	taken = connection_taken(pending);
	if (taken == 0)
		return;
	release_pending(listener, entry);
	if (taken < 0) {
		struct verdict verdict = verdict_of(taken, CAUSE_NONE);

		refusal_note(listener, entry->domain, verdict.cause, last_failure());
		if (verdict.reason == REFUSED_RESOURCES)
			arrival_add_failure(listener, entry->domain, ECONNABORTED);
		connection_close(pending);
		return;
	}
	arrival_add(listener, entry->arrival, pending);
	entry->arrival = NULL;
}

/* The connector removed its node: it has what it needs, or gave up. */
static void node_gone(struct listener *listener, const char *path)
{
	struct entry **at = find(listener, path);

	if (*at == NULL)
		return;
	if ((*at)->pending != NULL)
		step_pending(listener, *at);
	drop(listener, at);
}

/* Removes a node that nobody else does. One that shuts this end out goes with its whole place. */
static void remove_node(struct listener *listener, const char *path)
{
	int error = listener->platform->ops->store_remove(listener->store, path);

	if (error == -EACCES)
		listener_remake_place(listener, path);
	else if (error != 0)
		listener_look_again(listener);
}

#define NAME_LENGTH 16 /* of a request's node: its number in hexadecimal digits */

/* How many of one domain's nodes are let be. Where all write to one place one of them must not fill
 * it: a third is as much as it gets. */
static unsigned domain_nodes(const struct listener *listener)
{
	unsigned most = 2 * listener->limits.backlog;
	unsigned share = listener->platform->ops->names_room / (NAME_LENGTH + 1) / 3;

	return listener->allowed == NULL && share > 0 && share < most ? share : most;
}

/* A domain that has none yet has room whatever others fill. */
static bool has_room(const struct listener *listener, const char *path, unsigned domain)
{
	unsigned count = entries_of(listener, domain);

	if (strlen(strrchr(path, '/') + 1) != NAME_LENGTH)
		return false;
	return count == 0 || (count < domain_nodes(listener) &&
			      listener->entry_count < 4 * listener->limits.backlog);
}

/* Its connector is refused, and accept told why. */
static void give_up_node(struct listener *listener, const char *path, unsigned domain)
{
	fail(ENOMEM, "no memory for a request of domain %u", domain);
	arrival_add_failure(listener, domain, ECONNABORTED);
	refusal_note(listener, domain, CAUSE_RESOURCES, last_failure());
	remove_node(listener, path);
}

/* The node's entry, made if it is new; NULL when there are too many, it is no request's, or memory
 * is out. */
static struct entry *remember(struct listener *listener, const char *path, unsigned domain)
{
	struct entry *entry = *find(listener, path);

	if (entry != NULL)
		return entry;
	if (!has_room(listener, path, domain)) {
		refusal_note(listener, domain, CAUSE_REQUESTS, NULL);
		remove_node(listener, path);
		return NULL;
	}
	entry = add(listener, path, domain);
	if (entry == NULL)
		give_up_node(listener, path, domain);
	return entry;
}

/* What the node says, if it is complete. */
static void handle(struct listener *listener, struct entry *entry)
{
	struct message message;
	char text[STORE_VALUE_MAX];
	ssize_t length = listener->platform->ops->store_read(listener->store, entry->path, text,
							     sizeof text);
	struct verdict verdict = { REFUSED_MALFORMED, CAUSE_MALFORMED };

	if (length < 0 && length != -E2BIG) {
		if (length != -ENOENT && length != -EACCES)
			listener_look_again(listener);
		return;
	}
	if (length == 0)
		return;
	entry->handled = true;
	if (length > 0 && message_parse(text, &message) == 0 && !message_has(&message, KEY_ERROR))
		verdict = take(listener, entry, &message);
	else
		refusal_note(listener, entry->domain, CAUSE_MALFORMED, NULL);
	if (verdict.reason != REFUSED_NONE) {
		refuse(listener, entry, verdict);
	} else if (entry->pending == NULL) {
		/* The connector saw the hello, and leaves this to us: it has less to wait for. */
		remove_node(listener, entry->path);
		drop(listener, find(listener, entry->path));
	}
}

void entry_look(struct listener *listener, const char *path, long place)
{
	struct store_permissions permissions;
	struct entry *entry;
	int error =
		listener->platform->ops->store_get_permissions(listener->store, path, &permissions);

	if (error == -ENOENT) {
		node_gone(listener, path);
		return;
	}
	/* More permissions than can be told are no request's, and stay: its node goes in time. */
	if (error != 0 && error != -EACCES && error != -E2BIG) {
		listener_look_again(listener);
		return;
	}
	/* The owner is who connects; XenStore lets nobody lie about that. */
	entry = remember(listener, path, error == 0 ? permissions.owner : DOMAIN_MAX + 1);
	if (entry != NULL)
		entry->round = listener->round;
	if (error != 0 || entry == NULL || entry->handled || !is_complete(listener, &permissions) ||
	    (place >= 0 && (unsigned)place != permissions.owner))
		return;
	entry->domain = permissions.owner;
	/* An answer takes many questions to the store: newcomers do not wait for all of those that
	 * another domain has asked for. */
	entry->put_off =
		listener->answered >= ANSWERED_AT_A_TIME && has_answered(listener, entry->domain);
	if (entry->put_off) {
		entry->round--;
		listener->unfinished = true;
		return;
	}
	listener->answered++;
	handle(listener, entry);
}

bool entry_find(struct listener *listener, const char *path)
{
	struct entry *entry = *find(listener, path);

	if (entry == NULL)
		return true;
	entry->missed = false;
	if (entry->handled || entry->round == listener->round)
		return false;
	if (!entry->put_off || listener->answered < ANSWERED_AT_A_TIME)
		return true;
	listener->unfinished = true;
	return false;
}

void entries_miss(struct listener *listener)
{
	for (struct entry *entry = listener->entries; entry != NULL; entry = entry->next)
		entry->missed = true;
}

void entries_drop_missed(struct listener *listener)
{
	struct entry **at = &listener->entries;

	/* Whoever takes an offer removes its node right after. */
	entries_step(listener);
	while (*at != NULL)
		if ((*at)->missed)
			drop(listener, at);
		else
			at = &(*at)->next;
}

/* ------------------------------------------------------------------ time */

void entries_step(struct listener *listener)
{
	struct entry **at = &listener->entries;

	while (*at != NULL) {
		struct entry *entry = *at;

		if (entry->pending != NULL)
			step_pending(listener, entry);
		if (deadline_passed(entry->deadline)) {
			remove_node(listener, entry->path);
			if (!entry->handled)
				refusal_note(listener, entry->domain, CAUSE_MALFORMED, NULL);
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
