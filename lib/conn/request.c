/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conn/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/error.h"
#include "conn/answer.h"
#include "conn/connection.h"
#include "conn/message.h"

/* A listener that writes without end costs a bounded amount at a time. */
#define EVENTS_AT_A_TIME 64

/* How often to look whether a domain is still there of which nothing can be watched. */
#define DOMAIN_LOOK 1000 /* ms */

/* ------------------------------------------------------------------ the request itself */

static int random_number(uint64_t *number)
{
	ssize_t length;

	do {
		length = getrandom(number, sizeof *number, 0);
		if (length < 0 && errno != EINTR)
			return fail(errno, "no random number for a new connection");
	} while (length != sizeof *number || *number == 0);
	return 0;
}

/* Where every domain may write, or nothing is announced any more, the listener has taken its nodes
 * away since they were read. */
static int shut_out(const struct request *request)
{
	const struct address *address = &request->address;
	char path[STORE_PATH_MAX], value[8];
	ssize_t length;

	path_service(path, address->domain, address->service);
	length = request->platform->ops->store_read(request->store, path, value, sizeof value);
	if (request->announcement.open || length == 0 || length == -ENOENT || length == -EACCES)
		return fail(ECONNREFUSED, "the listener '%s' of domain %u went away",
			    address->service, address->domain);
	return fail(EACCES, "domain %u does not let domain %u connect to '%s'", address->domain,
		    request->platform->self, address->service);
}

static int write_request(struct request *request, const struct message *message)
{
	struct platform *platform = request->platform;
	const struct address *address = &request->address;
	struct store_permissions permissions = { .owner = platform->self };
	char text[MESSAGE_SIZE];
	int error;

	if (address->domain != platform->self) {
		permissions.count = 1;
		permissions.grantee[0].domain = address->domain;
		permissions.grantee[0].access = ACCESS_BOTH;
	}
	message_format(message, text);
	/* Even if that fails: it may be there without the listener having been told. */
	request->written = true;
	error = platform->ops->store_put(request->store, request->path, text, &permissions);
	if (error == -EACCES)
		return shut_out(request);
	/* While the listener wakes up. What it did already the watch's first event tells. */
	if (error == 0)
		error = platform->ops->store_watch(request->store, request->path);
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
	message_set_wishes(&message, wishes);
	message_set(&message, KEY_NONCE, nonce);
	return message;
}

/* Ends that clash share nothing, but the request is written all the same: the listener refuses it,
 * so that both ends learn of it. */
static int offer_if_granter(struct connection *connection, struct message *message)
{
	uint32_t port, reference;
	int error;

	connection->nonce = message->value[KEY_NONCE];
	if (request_clashes(connection->request) || !connection->terms.grants)
		return 0;
	error = connection_offer(connection, connection->nonce, &port, &reference);
	if (error == 0) {
		message_set(message, KEY_PORT, port);
		message_set(message, KEY_REF, reference);
	}
	return error;
}

static int send_request(struct connection *connection, struct request *request)
{
	const struct address *address = &request->address;
	struct message message;
	char requests[STORE_PATH_MAX];
	uint64_t nonce, id;
	int error = random_number(&nonce);

	if (error == 0)
		error = random_number(&id);
	if (error != 0)
		return error;
	message = make_request(&request->wishes, nonce);
	path_requests(requests, address->domain, address->service, request->announcement.open,
		      connection->platform->self);
	path_request(request->path, requests, id);
	error = offer_if_granter(connection, &message);
	return error != 0 ? error : write_request(request, &message);
}

/* ------------------------------------------------------------------ the listener */

static int no_listener(const struct request *request)
{
	const struct address *address = &request->address;
	int exists = request->platform->ops->domain_exists(request->platform, address->domain);

	if (exists < 0)
		return exists;
	if (exists == 0)
		return fail(EHOSTUNREACH, "there is no domain %u on this host", address->domain);
	return fail(ECONNREFUSED, "nobody listens to '%s' in domain %u", address->service,
		    address->domain);
}

/* Asks the listener: 1, 0 when there is none, -errno. */
static int ask(struct connection *connection, struct request *request)
{
	int result = announcement_read(request->platform, request->store, &request->address,
				       &request->wishes, &request->announcement);

	if (result <= 0)
		return result;
	result = connection_agree(connection, &request->announcement.terms, &request->limits);
	if (result == 0)
		result = send_request(connection, request);
	return result == 0 ? 1 : result;
}

/* The announcement's node need not be there to be watched. XenStore tells of it once this domain
 * may read it: when the listener opens it to all, still empty, and when it announces itself. */
static int await_listener(struct request *request)
{
	char path[STORE_PATH_MAX];
	int error;

	path_service(path, request->address.domain, request->address.service);
	error = request->platform->ops->store_watch(request->store, path);
	request->awaiting = error == 0;
	request->look_again = deadline_in(DOMAIN_LOOK);
	return error;
}

static void await_no_more(struct request *request)
{
	char path[STORE_PATH_MAX];

	path_service(path, request->address.domain, request->address.service);
	request->platform->ops->store_unwatch(request->store, path);
	request->awaiting = false;
}

static bool take_events(struct request *request)
{
	char path[STORE_PATH_MAX];
	bool changed = false;

	for (int count = 0; count < EVENTS_AT_A_TIME; count++) {
		int event = request->platform->ops->store_next(request->store, path, sizeof path);

		if (event == 0)
			break;
		/* One that could not be read may have been of anything. */
		changed = true;
		if (event < 0)
			break;
	}
	return changed;
}

/* A domain that goes before its listener came may leave no event. */
static int look_for_domain(struct request *request)
{
	unsigned domain = request->address.domain;

	if (!deadline_passed(request->look_again))
		return 0;
	request->look_again = deadline_in(DOMAIN_LOOK);
	if (request->platform->ops->domain_exists(request->platform, domain) != 0)
		return 0;
	return fail(ECONNRESET, "domain %u was destroyed while '%s' was awaited", domain,
		    request->address.service);
}

static int step_awaiting(struct connection *connection, struct request *request)
{
	int asked = take_events(request) ? ask(connection, request) : 0;
	int error;

	if (asked != 0) {
		await_no_more(request);
		return asked < 0 ? asked : 0;
	}
	error = look_for_domain(request);
	if (error == 0 && deadline_passed(request->deadline))
		error = fail(ETIMEDOUT, "nobody listened to '%s' in domain %u for %d ms",
			     request->address.service, request->address.domain, request->timeout);
	return error;
}

/* ------------------------------------------------------------------ beginning */

static int request_new(struct platform *platform, const struct address *address,
		       const struct wishes *wishes, const struct peer_limits *limits, int timeout,
		       struct request **made)
{
	struct request *request = calloc(1, sizeof *request);
	int error;

	if (request == NULL)
		return fail(ENOMEM, "no memory for a connection request");
	request->platform = platform;
	request->address = *address;
	request->wishes = *wishes;
	request->wishes.domain = platform->self;
	request->limits = *limits;
	request->timeout = timeout;
	request->deadline = deadline_in(timeout);
	error = platform->ops->store_open(platform, &request->store);
	if (error != 0)
		free(request);
	else
		*made = request;
	return error;
}

/* Asks at once, or as soon as there is somebody to ask. */
static int begin(struct connection *connection, struct request *request, bool await)
{
	int result = ask(connection, request);

	if (result != 0)
		return result < 0 ? result : 0;
	result = no_listener(request);
	return result == -ECONNREFUSED && await ? await_listener(request) : result;
}

int request_begin(struct platform *platform, const struct address *address,
		  const struct wishes *wishes, const struct peer_limits *limits, int timeout,
		  bool await, struct connection **made)
{
	struct connection *connection;
	struct request *request = NULL;
	int error;

	if (address->domain == platform->self && !platform->ops->reaches_itself)
		return fail(
			EOPNOTSUPP,
			"domain %u is this one: Xen shares no memory of a domain with itself (XSOCK_PLATFORM=local does)",
			address->domain);
	error = connection_new(platform, address->domain, address->service, &connection);
	if (error != 0)
		return error;
	error = request_new(platform, address, wishes, limits, timeout, &request);
	connection->request = request;
	if (error == 0)
		error = begin(connection, request, await);
	if (error == 0)
		*made = connection;
	else
		/* The hold on the platform stays the caller's when this fails. */
		connection_discard(connection);
	return error;
}

/* ------------------------------------------------------------------ going on */

/* Has the listener taken what this end offered? As connection_taken. */
static int offer_taken(struct connection *connection)
{
	if (!connection->terms.grants || connection->pages.control == NULL)
		return 0;
	return connection_taken(connection);
}

static int step(struct connection *connection, struct request *request)
{
	int error = offer_taken(connection);

	/* Whoever took the offer removes the request. */
	if (error > 0)
		request->written = false;
	if (error != 0)
		return error < 0 ? error : 0;
	if (take_events(request))
		error = answer_look(connection);
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
	int error =
		request->awaiting ? step_awaiting(connection, request) : step(connection, request);

	/* A listener may turn the request away and be gone before its answer is read. */
	if ((error == -ECONNREFUSED || error == -ETIMEDOUT) && request_clashes(request))
		error = fail(EOPNOTSUPP, "%s", request->announcement.clash);
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
	if (request->awaiting)
		return deadline_earlier(request->deadline, request->look_again);
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
