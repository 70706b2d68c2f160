/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "api/socket.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/fork.h"
#include "conn/presence.h"
#include "conn/request.h"

long socket_failure(long error)
{
	failure_show();
	errno = (int)-error;
	return -1;
}

int socket_check(const struct xsock *socket)
{
	if (socket == NULL)
		return fail(EINVAL, "the socket is NULL");
	if (socket->generation != fork_generation())
		return fail(EBADF, "the socket was made before a fork: a child must open its own");
	return 0;
}

struct connection *socket_connection(const struct xsock *socket, int *error)
{
	*error = socket_check(socket);
	if (*error != 0)
		return NULL;
	if (socket->connection == NULL)
		*error = fail(ENOTCONN, "the socket is a listener");
	return socket->connection;
}

struct endpoint *socket_endpoint(const struct xsock *socket)
{
	return socket->listener != NULL ? &socket->listener->endpoint
					: &socket->connection->endpoint;
}

static struct xsock *failed(struct xsock *socket, int error)
{
	free(socket);
	socket_result(error);
	return NULL;
}

static struct xsock *socket_new(void)
{
	struct xsock *socket = calloc(1, sizeof *socket);

	if (socket == NULL)
		return failed(NULL, fail(ENOMEM, "no memory for a socket"));
	socket->generation = fork_generation();
	return socket;
}

/* ------------------------------------------------------------------ listener */

PUBLIC struct xsock *xsock_listen(const char *service, const struct xsock_options *options)
{
	struct platform *platform;
	struct settings settings;
	struct xsock *socket;
	int error;

	if (service == NULL)
		return failed(NULL, fail(EINVAL, "the service's name is NULL"));
	error = service_check(service);
	if (error == 0)
		error = settings_from(options, &settings);
	if (error != 0)
		return failed(NULL, error);
	socket = socket_new();
	if (socket == NULL)
		return NULL;
	error = presence_enter(settings.platform, &platform);
	if (error != 0)
		return failed(socket, error);
	error = listener_open(platform, service, &settings.wishes, &settings.limits, settings.allow,
			      settings.allow_count, &socket->listener);
	if (error != 0) {
		presence_leave(platform);
		return failed(socket, error);
	}
	socket->listener->send_timeout = settings.send_timeout;
	socket->listener->recv_timeout = settings.recv_timeout;
	socket->listener->nonblocking = settings.nonblocking;
	socket->listener->spins = settings.spins;
	socket->listener->endpoint.asks = settings.spins;
	return socket;
}

PUBLIC struct xsock *xsock_accept(struct xsock *listening, int timeout)
{
	struct connection *connection;
	struct listener *listener;
	struct xsock *socket;
	int error = socket_check(listening);

	if (error == 0 && listening->listener == NULL)
		error = fail(EINVAL, "the socket is not a listener");
	if (error != 0)
		return failed(NULL, error);
	socket = socket_new();
	if (socket == NULL)
		return NULL;
	listener = listening->listener;
	error = listener_accept(listener, listener->nonblocking ? 0 : timeout, &connection);
	if (error != 0)
		return failed(socket, error);
	connection->send_timeout = listener->send_timeout;
	connection->recv_timeout = listener->recv_timeout;
	connection->nonblocking = listener->nonblocking;
	connection->spins = listener->spins;
	socket->connection = connection;
	return socket;
}

/* ------------------------------------------------------------------ connector */

static int connect_begin(const char *text, const struct settings *settings,
			 struct connection **connection)
{
	struct platform *platform;
	struct address address;
	int error = address_parse(text, &address);

	if (error != 0)
		return error;
	error = presence_enter(settings->platform, &platform);
	if (error != 0)
		return error;
	error = request_begin(platform, &address, &settings->wishes, &settings->shared,
			      settings->connect_timeout, settings->await, connection);
	if (error != 0) {
		presence_leave(platform);
		return error;
	}
	(*connection)->send_timeout = settings->send_timeout;
	(*connection)->recv_timeout = settings->recv_timeout;
	(*connection)->nonblocking = settings->nonblocking;
	(*connection)->spins = settings->spins;
	(*connection)->endpoint.asks = settings->spins;
	return 0;
}

/* Waits for the outcome until the deadline: what it is by then. */
static int connect_finish(struct connection *connection, struct deadline deadline)
{
	/* Not for the rings to be ready: a peer can put that off for ever. */
	int error = endpoint_wait(&connection->endpoint, EVENT_DECIDED, (struct want){ .need = 1 },
				  deadline);

	return error != 0 ? error : connection_check(connection);
}

PUBLIC struct xsock *xsock_connect(const char *address, const struct xsock_options *options)
{
	struct settings settings;
	struct xsock *socket;
	int error;

	if (address == NULL)
		return failed(NULL, fail(EINVAL, "the address is NULL"));
	error = settings_from(options, &settings);
	if (error != 0)
		return failed(NULL, error);
	socket = socket_new();
	if (socket == NULL)
		return NULL;
	error = connect_begin(address, &settings, &socket->connection);
	if (error != 0)
		return failed(socket, error);
	if (settings.nonblocking)
		return socket;
	/* The set-up has a time limit of its own. */
	error = connect_finish(socket->connection, (struct deadline){ .never = true });
	if (error != 0) {
		connection_close(socket->connection);
		return failed(socket, error);
	}
	return socket;
}

PUBLIC int xsock_connect_finish(struct xsock *socket)
{
	int error;
	struct connection *connection = socket_connection(socket, &error);

	if (error != 0)
		return (int)socket_result(error);
	error = connect_finish(connection, deadline_in(0));
	if (error == -ETIMEDOUT)
		error = connection_check(connection);
	if (error == -EAGAIN)
		error = fail(EINPROGRESS, "the connection is still being set up");
	return (int)socket_result(error);
}

/* ------------------------------------------------------------------ end */

static int shut_connection(struct connection *connection, int how)
{
	if (__atomic_load_n(&connection->state, __ATOMIC_ACQUIRE) != CONNECTION_OPEN)
		return fail(ENOTCONN, "the socket is not connected");
	connection_shutdown(connection, how != SHUT_WR, how != SHUT_RD);
	return 0;
}

PUBLIC int xsock_shutdown(struct xsock *socket, int how)
{
	int error = socket_check(socket);

	if (error == 0 && how != SHUT_RD && how != SHUT_WR && how != SHUT_RDWR)
		error = fail(EINVAL, "%d is none of SHUT_RD, SHUT_WR and SHUT_RDWR", how);
	if (error == 0 && socket->listener != NULL)
		listener_stop(socket->listener);
	else if (error == 0)
		error = shut_connection(socket->connection, how);
	return (int)socket_result(error);
}

PUBLIC int xsock_close(struct xsock *socket)
{
	if (socket == NULL)
		return 0;
	if (socket->generation != fork_generation()) {
		if (socket->listener != NULL)
			listener_abandon(socket->listener);
		else
			connection_abandon(socket->connection);
	} else if (socket->listener != NULL) {
		listener_close(socket->listener);
	} else {
		connection_close(socket->connection);
	}
	free(socket);
	return 0;
}
