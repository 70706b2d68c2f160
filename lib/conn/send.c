/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <sys/socket.h>

#include "base/error.h"
#include "conn/connection.h"
#include "conn/transfer.h"

/* Why nothing can be sent any more, or 0. */
static int sending_ended(const struct connection *connection)
{
	int error = connection_check(connection);

	if (error != 0)
		return error;
	if (connection_stopped(connection, true))
		return fail(EPIPE, "sending was shut down here");
	if (producer_refused(&connection->out))
		return fail(EPIPE, "domain %u reads no more", connection->domain);
	if (connection_peer_dead(connection))
		/* An orderly close marks its end first and looks dead after: look again. */
		return producer_refused(&connection->out)
			       ? fail(EPIPE, "domain %u closed the connection", connection->domain)
			       : fail(ECONNRESET, "the peer in domain %u died", connection->domain);
	return 0;
}

static int may_send(struct connection *connection, int flags)
{
	int error;

	if ((flags & ~(MSG_DONTWAIT | MSG_MORE | MSG_NOSIGNAL)) != 0)
		return fail(EOPNOTSUPP,
			    "a send takes MSG_DONTWAIT, MSG_MORE and MSG_NOSIGNAL only");
	error = connection_check_set_up(connection);
	return error != 0 ? error : connection_settle(connection, true);
}

static void publish(struct connection *connection)
{
	if (producer_publish(&connection->out))
		connection_notify(connection);
}

/* Copies what fits right now; a count, 0 for a full ring, or -errno. */
static ssize_t send_some(struct connection *connection, const void *buffer, size_t length)
{
	int error = sending_ended(connection);

	if (error == 0 && producer_free(&connection->out) < length &&
	    producer_refresh(&connection->out) != 0)
		error = connection_break(connection, -EPROTO);
	if (error != 0)
		return error;
	connection->reserved = 0;
	return (ssize_t)producer_copy(&connection->out, buffer, length);
}

/* Waits until `need` bytes are free, or sending ended. Not with the lock held. */
static int wait_for_space(struct connection *connection, struct want want, int flags,
			  struct deadline *deadline)
{
	bool stay = (flags & MSG_DONTWAIT) == 0 && !connection->nonblocking;
	int limit = __atomic_load_n(&connection->send_timeout, __ATOMIC_RELAXED);
	int error;

	if (deadline->at == 0 && !deadline->never)
		*deadline = deadline_in(stay ? (limit > 0 ? limit : -1) : 0);
	error = endpoint_wait(&connection->endpoint, POLLOUT, want, *deadline);
	if (error != -ETIMEDOUT)
		return error;
	return fail(stay ? ETIMEDOUT : EAGAIN, "domain %u left no space in the ring of %llu bytes",
		    connection->domain, (unsigned long long)connection->out.size);
}

/* A whole piece; `sent` counts on, whatever is returned. */
static int send_piece(struct connection *connection, const struct iovec *piece, int flags,
		      struct deadline *deadline, size_t *sent)
{
	size_t done = 0;

	while (done < piece->iov_len) {
		size_t left = piece->iov_len - done;
		ssize_t count;
		int error;

		count = send_some(connection, (const char *)piece->iov_base + done, left);
		if (count < 0)
			return (int)count;
		done += (size_t)count;
		*sent += (size_t)count;
		if (count > 0)
			continue;
		publish(connection);
		pthread_mutex_unlock(&connection->out_lock);
		error = wait_for_space(connection, (struct want){ .need = 1, .wake = left }, flags,
				       deadline);
		pthread_mutex_lock(&connection->out_lock);
		if (error != 0)
			return error;
	}
	return 0;
}

ssize_t transfer_send(struct connection *connection, const struct iovec *pieces, int count,
		      int flags)
{
	struct deadline deadline = { 0 };
	int error = may_send(connection, flags);
	size_t sent = 0;

	if (error != 0)
		return error;
	pthread_mutex_lock(&connection->out_lock);
	error = sending_ended(connection);
	for (int at = 0; at < count && error == 0; at++)
		error = send_piece(connection, &pieces[at], flags, &deadline, &sent);
	/* A ring filled to its last byte has no more to wait for, and its reader could not make any
	 * space. */
	if (((flags & MSG_MORE) == 0 || producer_free(&connection->out) == 0) &&
	    !connection_stopped(connection, true))
		publish(connection);
	pthread_mutex_unlock(&connection->out_lock);
	endpoint_update(&connection->endpoint);
	return sent > 0 ? (ssize_t)sent : error;
}

/* ------------------------------------------------------------------ in place */

/* What is free right now; 0 for less than `want`, or -errno. */
static ssize_t reserve_now(struct connection *connection, struct iovec span[2], size_t want)
{
	int error = sending_ended(connection);

	if (error == 0 && producer_refresh(&connection->out) != 0)
		error = connection_break(connection, -EPROTO);
	if (error != 0)
		return error;
	if (producer_free(&connection->out) < want)
		return 0;
	producer_spans(&connection->out, span);
	connection->reserved = producer_free(&connection->out);
	return (ssize_t)connection->reserved;
}

ssize_t transfer_reserve(struct connection *connection, struct iovec span[2], size_t want,
			 int flags)
{
	struct deadline deadline = { 0 };
	int error = may_send(connection, flags);
	ssize_t free = 0;

	if (want == 0)
		want = 1;
	if (error == 0 && want > connection->out.size)
		error = fail(EMSGSIZE, "%zu bytes can never be free in a ring of %llu", want,
			     (unsigned long long)connection->out.size);
	while (error == 0 && free == 0) {
		pthread_mutex_lock(&connection->out_lock);
		free = reserve_now(connection, span, want);
		if (free == 0)
			publish(connection);
		pthread_mutex_unlock(&connection->out_lock);
		if (free == 0)
			error = wait_for_space(connection,
					       (struct want){ .need = want, .wake = want }, flags,
					       &deadline);
	}
	endpoint_update(&connection->endpoint);
	return error != 0 ? error : free;
}

int transfer_commit(struct connection *connection, size_t length)
{
	int error = may_send(connection, 0);

	if (error != 0)
		return error;
	pthread_mutex_lock(&connection->out_lock);
	error = sending_ended(connection);
	if (error == 0 && length > connection->reserved)
		error = fail(EINVAL, "%zu bytes to commit, %zu are left of those reserved", length,
			     connection->reserved);
	if (error == 0) {
		connection->reserved -= length;
		producer_advance(&connection->out, length);
		publish(connection);
	}
	pthread_mutex_unlock(&connection->out_lock);
	endpoint_update(&connection->endpoint);
	return error;
}
