/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conn/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/error.h"
#include "conn/connection.h"
#include "conn/message.h"

struct request {
	struct platform *platform;
	struct store *store;
	struct deadline deadline;
	int timeout; /* ms, for the sentence */
	bool written;
	char clash[160]; /* why the ends can never agree; empty when they can */
	char path[STORE_PATH_MAX];
};

/* ------------------------------------------------------------------ before anything is shared */

static int no_listener(struct platform *platform, const struct address *address)
{
	if (platform->ops->domain_exists(platform, address->domain) == 0)
		return fail(EHOSTUNREACH, "there is no domain %u on this host", address->domain);
	return fail(ECONNREFUSED, "nobody listens to '%s' in domain %u", address->service,
		    address->domain);
}

static int read_announcement(struct store *store, struct platform *platform,
			     const struct address *address, struct message *message)
{
	char path[STORE_PATH_MAX], text[STORE_VALUE_MAX];
	ssize_t length;

	path_service(path, address->domain, address->service);
	length = platform->ops->store_read(store, path, text, sizeof text);
	/* XenStore says EACCES for what is missing below a node that this domain may not read. An
	 * empty node: a listener is just being set up. */
	if (length == 0 || length == -ENOENT || length == -EACCES)
		return no_listener(platform, address);
	if (length < 0 && length != -E2BIG)
		return (int)length;
	if (length < 0 || message_parse(text, message) != 0)
		return fail(EPROTO, "domain %u announces '%s' in no form known here",
			    address->domain, address->service);
	if (!ring_bytes_valid(message->value[KEY_SEND]) ||
	    !ring_bytes_valid(message->value[KEY_RECV]))
		return fail(EPROTO, "the listener '%s' of domain %u names impossible ring sizes",
			    address->service, address->domain);
	if (message->value[KEY_VERSION] != MESSAGE_VERSION)
		return fail(EPROTO, "the listener speaks version %llu, this end %u",
			    (unsigned long long)message->value[KEY_VERSION], MESSAGE_VERSION);
	return 0;
}

static struct wishes listener_wishes(const struct message *message, unsigned domain)
{
	return (struct wishes){ .domain = domain,
				.role = (enum role_wish)message->value[KEY_ROLE],
				.direction = (enum direction_wish)message->value[KEY_DIRECTION],
				.send = message->value[KEY_SEND],
				.recv = message->value[KEY_RECV] };
}

static int check_limit(const struct message *announcement, const struct terms *terms)
{
	uint64_t limit = announcement->value[KEY_MAX];
	uint64_t largest = terms->send > terms->recv ? terms->send : terms->recv;

	if (!message_has(announcement, KEY_MAX) || largest <= limit)
		return 0;
	return fail(EDQUOT,
		    "a ring of %llu bytes is over the listener's limit, %llu (its option max_ring)",
		    (unsigned long long)largest, (unsigned long long)limit);
}

/* A size that only the listener names may be more than this end wants to grant or map. */
static int check_own_limit(const struct wishes *wishes, const struct terms *terms)
{
	if ((wishes->send != 0 || terms->send <= wishes->max) &&
	    (wishes->recv != 0 || terms->recv <= wishes->max))
		return 0;
	return fail(
		EDQUOT,
		"the listener wants rings of %llu and %llu bytes, over this end's limit, %llu (its option max_ring)",
		(unsigned long long)terms->send, (unsigned long long)terms->recv,
		(unsigned long long)wishes->max);
}

/* ------------------------------------------------------------------ the request itself */

static int random_number(uint64_t *number)
{
	do
		if (getrandom(number, sizeof *number, 0) != sizeof *number)
			return fail(errno, "no random number for a new connection");
	while (*number == 0);
	return 0;
}

static int write_request(struct request *request, struct platform *platform,
			 const struct address *address, const struct message *message)
{
	struct store_permissions permissions = { .owner = platform->self };
	char text[MESSAGE_SIZE];
	int error;

	if (address->domain != platform->self) {
		permissions.count = 1;
		permissions.grantee[0].domain = address->domain;
		permissions.grantee[0].access = ACCESS_BOTH;
	}
	message_format(message, text);
	error = platform->ops->store_watch(request->store, request->path);
	if (error == 0)
		error = platform->ops->store_write(request->store, request->path, text);
	if (error == -EACCES)
		return fail(EACCES, "domain %u does not let domain %u connect to '%s'",
			    address->domain, platform->self, address->service);
	request->written = error == 0;
	if (error == 0)
		error = platform->ops->store_set_permissions(request->store, request->path,
							     &permissions);
	/* It removes what is more than it cares to remember of one domain. */
	if (error == -ENOENT)
		return fail(ECONNREFUSED,
			    "the listener '%s' of domain %u removed the request: it has too many",
			    address->service, address->domain);
	return error;
}

static struct message make_request(const struct wishes *wishes, uint64_t nonce)
{
	struct message message = { 0 };

	message_set(&message, KEY_VERSION, MESSAGE_VERSION);
	message_set(&message, KEY_ROLE, wishes->role);
	message_set(&message, KEY_DIRECTION, wishes->direction);
	message_set(&message, KEY_SEND, wishes->send);
	message_set(&message, KEY_RECV, wishes->recv);
	message_set(&message, KEY_NONCE, nonce);
	return message;
}

/* Ends that clash share nothing, but the request is written all the same: the listener refuses it,
 * so that both ends learn of it. */
static int offer_if_granter(struct connection *connection, bool clash, struct message *message)
{
	uint32_t port, reference;
	int error;

	connection->nonce = message->value[KEY_NONCE];
	if (clash || !connection->terms.grants)
		return 0;
	error = connection_offer(connection, connection->nonce, &port, &reference);
	if (error == 0) {
		message_set(message, KEY_PORT, port);
		message_set(message, KEY_REF, reference);
	}
	return error;
}

static int send_request(struct connection *connection, struct request *request,
			const struct address *address, const struct wishes *wishes, bool clash,
			bool open)
{
	struct message message;
	char requests[STORE_PATH_MAX];
	uint64_t nonce, id;
	int error = random_number(&nonce);

	if (error == 0)
		error = random_number(&id);
	if (error != 0)
		return error;
	message = make_request(wishes, nonce);
	path_requests(requests, address->domain, address->service, open,
		      connection->platform->self);
	path_request(request->path, requests, id);
	error = offer_if_granter(connection, clash, &message);
	if (error == 0)
		error = write_request(request, connection->platform, address, &message);
	return error;
}

static int request_new(struct platform *platform, int timeout, struct request **made)
{
	struct request *request = calloc(1, sizeof *request);
	int error;

	if (request == NULL)
		return fail(ENOMEM, "no memory for a connection request");
	request->platform = platform;
	request->timeout = timeout;
	request->deadline = deadline_in(timeout);
	error = platform->ops->store_open(platform, &request->store);
	if (error != 0)
		free(request);
	else
		*made = request;
	return error;
}

/* What is agreed with what was announced; a clash is told by `clash`. */
static int find_terms(struct request *request, const struct address *address,
		      const struct wishes *wishes, struct terms *terms, bool *clash, bool *open)
{
	struct message announcement;
	struct wishes theirs;
	int error = read_announcement(request->store, request->platform, address, &announcement);

	if (error != 0)
		return error;
	*open = announcement.value[KEY_OPEN] != 0;
	theirs = listener_wishes(&announcement, address->domain);
	*terms = (struct terms){ 0 };
	*clash = terms_agree(wishes, &theirs, false, terms) != CLASH_NONE;
	if (*clash)
		snprintf(request->clash, sizeof request->clash, "%s", last_failure());
	if (*clash)
		return 0;
	error = check_own_limit(wishes, terms);
	return error != 0 ? error : check_limit(&announcement, terms);
}

int request_begin(struct platform *platform, const struct address *address, struct wishes *wishes,
		  int timeout, struct connection **made)
{
	struct connection *connection;
	struct request *request = NULL;
	struct terms terms;
	bool clash = false, open = false;
	int error;

	wishes->domain = platform->self;
	if (address->domain == platform->self && !platform->ops->reaches_itself)
		return fail(
			EOPNOTSUPP,
			"domain %u is this one: Xen shares no memory of a domain with itself (XSOCK_PLATFORM=local does)",
			address->domain);
	error = request_new(platform, timeout, &request);
	if (error != 0)
		return error;
	error = find_terms(request, address, wishes, &terms, &clash, &open);
	if (error == 0)
		error = connection_new(platform, address->domain, address->service, &terms, 0,
				       &connection);
	if (error != 0) {
		request_end(request);
		return error;
	}
	connection->request = request;
	error = send_request(connection, request, address, wishes, clash, open);
	if (error == 0) {
		*made = connection;
		return 0;
	}
	/* The hold on the platform stays the caller's when this fails. */
	connection_discard(connection);
	return error;
}

/* ------------------------------------------------------------------ the answer */

static int refused(const struct connection *connection, uint64_t reason)
{
	static const struct {
		int error;
		const char *why;
	} reasons[REFUSED_COUNT] = {
		[REFUSED_ROLE] = { EOPNOTSUPP, "both ends want the same share role" },
		[REFUSED_DIRECTION] = { EOPNOTSUPP, "the ends want directions that do not fit" },
		[REFUSED_VERSION] = { EPROTO, "it speaks another version" },
		[REFUSED_MALFORMED] = { EPROTO, "it does not understand the request" },
		[REFUSED_BUSY] = { ECONNREFUSED, "its backlog is full" },
		[REFUSED_LIMIT] = { EDQUOT, "over its limit of connections or ring size" },
		[REFUSED_RESOURCES] = { ENOSPC,
					"it is out of grants, event channels, descriptors or memory" },
		[REFUSED_PAGES] = { EPROTO, "it could not use the pages or the port" },
	};

	if (reason >= REFUSED_COUNT || reasons[reason].why == NULL)
		return fail(EPROTO, "the listener gave a reason that is none");
	return fail(reasons[reason].error, "the listener '%s' of domain %u refused: %s",
		    connection->service, connection->domain, reasons[reason].why);
}

static int went_away(const struct connection *connection)
{
	return fail(ECONNREFUSED, "the listener '%s' of domain %u went away", connection->service,
		    connection->domain);
}

static ssize_t read_answer(const struct request *request, char text[STORE_VALUE_MAX])
{
	return request->platform->ops->store_read(request->store, request->path, text,
						  STORE_VALUE_MAX);
}

/* What was offered does not work: a listener that closes has taken it back, after removing its
 * nodes. */
static int offer_failed(const struct connection *connection, int error)
{
	char text[STORE_VALUE_MAX];
	ssize_t length;

	if (error != -EINVAL && error != -EFAULT)
		return error;
	failure_hold();
	length = read_answer(connection->request, text);
	failure_release();
	return length == -ENOENT || length == -EACCES ? went_away(connection) : -EPROTO;
}

static int take_answer(struct connection *connection, const struct message *answer)
{
	uint64_t reason = answer->value[KEY_ERROR];
	int error;

	if (reason != REFUSED_NONE)
		return refused(connection, reason);
	if (connection->request->clash[0] != '\0' || connection->terms.grants ||
	    !message_has(answer, KEY_REF) || !message_has(answer, KEY_PORT))
		return fail(EPROTO, "the listener's answer does not fit the request");
	error = connection_take(connection, connection->nonce, (uint32_t)answer->value[KEY_PORT],
				(uint32_t)answer->value[KEY_REF]);
	return error == 0 ? 0 : offer_failed(connection, error);
}

/* The node holds the request until the listener writes its answer over it. */
static int look_for_answer(struct connection *connection, struct request *request)
{
	struct message message;
	char text[STORE_VALUE_MAX];
	ssize_t length = read_answer(request, text);

	if (length == -ENOENT || length == -EACCES)
		return went_away(connection);
	if (length == -E2BIG)
		return -EPROTO;
	if (length < 0)
		return (int)length;
	if (message_parse(text, &message) != 0)
		return -EPROTO;
	return message_has(&message, KEY_ERROR) ? take_answer(connection, &message) : 0;
}

/* A listener that writes without end costs a bounded amount at a time. */
#define EVENTS_AT_A_TIME 64

/* Has the listener taken what this end offered? As connection_taken. */
static int offer_taken(struct connection *connection)
{
	if (!connection->terms.grants || connection->pages.control == NULL)
		return 0;
	return connection_taken(connection);
}

static int step(struct connection *connection, struct request *request)
{
	char path[STORE_PATH_MAX];
	bool changed = false;
	int error = offer_taken(connection);

	if (error != 0)
		return error < 0 ? error : 0;
	for (int count = 0; count < EVENTS_AT_A_TIME; count++) {
		if (request->platform->ops->store_next(request->store, path, sizeof path) <= 0)
			break;
		changed = true;
	}
	if (changed)
		error = look_for_answer(connection, request);
	/* A listener may take the offer, hand it to its user and go away, all since the look above.
	 */
	if (error == -ECONNREFUSED && offer_taken(connection) > 0)
		error = 0;
	if (error != 0 || connection->state == CONNECTION_OPEN)
		return error;
	if (peer_gone(&connection->peer))
		return fail(ECONNRESET, "domain %u was destroyed meanwhile", connection->domain);
	if (deadline_passed(request->deadline))
		return fail(
			ETIMEDOUT,
			"the listener '%s' of domain %u did not answer in %d ms: dead, stopped or busy",
			connection->service, connection->domain, request->timeout);
	return 0;
}

void request_step(struct connection *connection)
{
	struct request *request = connection->request;
	int error = step(connection, request);

	/* A listener may turn the request away and be gone before its answer is read. */
	if ((error == -ECONNREFUSED || error == -ETIMEDOUT) && request->clash[0] != '\0')
		error = fail(EOPNOTSUPP, "%s", request->clash);
	if (error == 0 && connection->state != CONNECTION_OPEN)
		return;
	if (error != 0)
		connection_break(connection, error);
	/* A child forked meanwhile holds the descriptor too, so closing it would not take it out.
	 */
	descriptor_forget(&connection->endpoint.descriptor, request_fd(request));
	request_end(connection->request);
	connection->request = NULL;
	if (error != 0)
		__atomic_store_n(&connection->state, CONNECTION_FAILED, __ATOMIC_RELEASE);
}

int request_fd(const struct request *request)
{
	return request->platform->ops->store_fd(request->store);
}

struct deadline request_deadline(const struct request *request)
{
	return request->deadline;
}

void request_end(struct request *request)
{
	failure_hold();
	if (request->written)
		request->platform->ops->store_remove(request->store, request->path);
	request->platform->ops->store_close(request->store);
	free(request);
	failure_release();
}

void request_abandon(struct request *request)
{
	request->platform->ops->store_abandon(request->store);
	free(request);
}
