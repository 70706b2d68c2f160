/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <sys/socket.h>

#include "base/error.h"
#include "conn/connection.h"
#include "conn/transfer.h"
#include "ring/span.h"

#define SEND_FLAGS (MSG_DONTWAIT | MSG_MORE | MSG_NOSIGNAL)

/* Why nothing can be sent any more, or 0. */
static __attribute__((cold)) int why_ended(const struct connection *connection)
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

/* The same at less cost: who reads no more says so with the cut, too, and that does not lie where
 * the reader writes all the time. */
static int sending_ended(const struct connection *connection)
{
	return connection_sends(connection) ? 0 : why_ended(connection);
}

static __attribute__((cold)) int begin_to_send(struct connection *connection, int flags)
{
	int error;

	if ((flags & ~SEND_FLAGS) != 0)
		return fail(EOPNOTSUPP,
			    "a send takes MSG_DONTWAIT, MSG_MORE and MSG_NOSIGNAL only");
	error = connection_check_set_up(connection);
	return error != 0 ? error : connection_settle(connection, true);
}

static inline int may_send(struct connection *connection, int flags)
{
	if ((flags & ~SEND_FLAGS) == 0 && connection_goes(connection, true))
		return 0;
	return begin_to_send(connection, flags);
}

static void publish(struct connection *connection)
{
	if (producer_publish(&connection->out))
		connection_notify(connection);
}

/* Looks how much is free by now: 0, or -errno because sending ended. At the reader's mark too,
 * which ends every wait: one that came without the cut would be looked for, and waited for, for
 * ever. */
static int look(struct connection *connection)
{
	int error = why_ended(connection);

	if (error == 0 && producer_refresh(&connection->out) != 0)
		error = connection_break(connection, -EPROTO);
	return error;
}

static int no_space(const struct connection *connection, bool stayed)
{
	return fail_often(stayed ? ETIMEDOUT : EAGAIN, "the ring of ",
			  (unsigned)producer_size(&connection->out), " bytes has no space left");
}

/* Sleeps until `need` bytes are free, or there is another reason to look. Not with the lock held.
 */
static int wait_for_space(struct connection *connection, struct want want, int flags,
			  struct deadline *deadline)
{
	bool stay = connection_waits(connection, flags);
	int limit = __atomic_load_n(&connection->send_timeout, __ATOMIC_RELAXED);
	int error;

	if (connection_glances(connection, flags))
		return endpoint_glance(&connection->endpoint, deadline)
			       ? 0
			       : no_space(connection, false);
	if (deadline->at == 0 && !deadline->never)
		*deadline = deadline_in(stay ? (limit > 0 ? limit : -1) : 0);
	error = endpoint_wait_to_look(&connection->endpoint, POLLOUT, want, deadline);
	if (error != -ETIMEDOUT)
		return error;
	return no_space(connection, stay);
}

/* Asks for a moment whether `part` bytes are free; when they are not, less may be. 0 or -errno,
 * of which -ETIMEDOUT, as a reader that is just in time each time must not put the limit off. */
static int ask_for_space(struct connection *connection, size_t part, int flags,
			 struct deadline *deadline)
{
	struct producer *out = &connection->out;
	/* For more than that, or a writer of small messages would be at the reader's heels, and
	 * each message cost both of them a cache line's way. */
	struct ring_goal goal = { &out->shared->consumed.index,
				  out->written + ring_part(out->size) - out->size };
	int limit = __atomic_load_n(&connection->send_timeout, __ATOMIC_RELAXED);
	int error = look(connection);

	if (error != 0 || producer_free(out) >= part)
		return error;
	/* The reader has to have something to make space of. */
	publish(connection);
	growth_stalled(connection);
	if (producer_free(out) >= part)
		return 0;
	if (!connection_waits(connection, flags))
		return 0;
	if (!deadline_lasts(deadline, limit))
		return producer_free(out) > 0 ? 0 : no_space(connection, true);
	if (connection->spins)
		spin_unlocked(&connection->out_spin, &connection->out_lock, &goal);
	return look(connection);
}

/* Until something is free, `part` bytes if that can be had soon. `left` are to be sent in all.
 * Enters and leaves with the lock held; 0 or -errno. */
static int await_space(struct connection *connection, size_t part, size_t left, int flags,
		       struct deadline *deadline)
{
	int64_t began;

	while (producer_free(&connection->out) < part) {
		int error = ask_for_space(connection, part, flags, deadline);

		if (error != 0 || producer_free(&connection->out) > 0)
			return error;
		began = connection_waits(connection, flags) ? deadline_now() : 0;
		connection_unlock(connection, true);
		error = wait_for_space(connection, (struct want){ .need = 1, .wake = left }, flags,
				       deadline);
		connection_lock(connection, true);
		if (began != 0)
			spin_note_sleep(&connection->out_spin, deadline_now() - began);
		/* Meanwhile it may have been shut down, and what was not read been taken back. */
		if (error == 0)
			error = sending_ended(connection);
		if (error != 0)
			return error;
	}
	return 0;
}

/* The reader reads while the rest is written; but if the two only ever take turns, the fewer the
 * better. */
static size_t part_of_ring(const struct connection *connection)
{
	size_t size = connection->out.size;

	return spin_pays(&connection->out_spin) ? ring_part(size) : size;
}

/* As most are: they fit, and the reader need not be told of them yet. How many pieces. */
static int send_small(struct producer *out, const struct iovec *pieces, int count, size_t *sent)
{
	size_t untold = producer_unpublished(out), part = ring_part(out->size);
	size_t room = untold < part ? part - untold - 1 : 0, free = producer_free(out);
	int at = 0;

	if (room > free)
		room = free;
	for (; at < count && pieces[at].iov_len <= room; at++) {
		/* It may lie at NULL, which is no place to copy from. */
		if (pieces[at].iov_len == 0)
			continue;
		room -= producer_copy(out, pieces[at].iov_base, pieces[at].iov_len);
		*sent += pieces[at].iov_len;
	}
	return at;
}

/* A whole piece; `sent` counts on, whatever is returned. */
static int send_piece(struct connection *connection, const struct iovec *piece, int flags,
		      struct deadline *deadline, size_t *sent)
{
	struct producer *out = &connection->out;
	size_t done = 0;

	while (done < piece->iov_len) {
		size_t left = piece->iov_len - done, part_most = part_of_ring(connection);
		size_t part = left < part_most ? left : part_most;
		int error = await_space(connection, part, left, flags, deadline);

		if (error != 0)
			return error;
		/* One made while this call waited is of space that goes now. */
		connection->reserved = 0;
		part = producer_copy(out, (const char *)piece->iov_base + done, part);
		done += part;
		*sent += part;
		if (producer_unpublished(out) >= part_most)
			publish(connection);
	}
	return 0;
}

ssize_t transfer_send(struct connection *connection, const struct iovec *pieces, int count,
		      int flags)
{
	struct deadline deadline = { 0 };
	int error = may_send(connection, flags);
	size_t sent = 0;
	int at = 0;

	if (error != 0)
		return error;
	connection_lock(connection, true);
	error = sending_ended(connection);
	if (error == 0)
		connection->reserved = 0;
	while (at < count && error == 0) {
		at += send_small(&connection->out, &pieces[at], count - at, &sent);
		if (at < count)
			error = send_piece(connection, &pieces[at++], flags, &deadline, &sent);
	}
	/* A ring filled to its last byte has no more to wait for, and its reader could not make any
	 * space. */
	if (((flags & MSG_MORE) == 0 || producer_free(&connection->out) == 0) &&
	    !connection_stopped(connection, true))
		publish(connection);
	connection_unlock(connection, true);
	endpoint_update(&connection->endpoint);
	return sent > 0 ? (ssize_t)sent : error;
}

/* ------------------------------------------------------------------ in place */

/* What is free right now; 0 for less than `want`, or -errno. */
static ssize_t reserve_now(struct connection *connection, struct iovec span[2], size_t want)
{
	int error = look(connection);

	if (error != 0)
		return error;
	if (want > connection->out.size && growth_hopeless(&connection->growth[true]))
		return growth_failure(want, connection->out.size);
	if (want > connection->out.size || producer_free(&connection->out) < want)
		return 0;
	producer_spans(&connection->out, span);
	connection->reserved = producer_free(&connection->out);
	return (ssize_t)connection->reserved;
}

static void need_no_more(struct connection *connection)
{
	connection_lock(connection, true);
	growth_needs_no_more(connection, true);
	connection_unlock(connection, true);
}

ssize_t transfer_reserve(struct connection *connection, struct iovec span[2], size_t want,
			 int flags)
{
	struct deadline deadline = { 0 };
	int error = may_send(connection, flags);
	ssize_t free = 0;
	bool needs = false;

	if (want == 0)
		want = 1;
	if (error == 0 && want > connection->growth[true].largest)
		error = fail(EMSGSIZE, "%zu bytes can never be free in a ring of %llu", want,
			     (unsigned long long)connection->growth[true].largest);
	while (error == 0 && free == 0) {
		connection_lock(connection, true);
		if (!needs && growth_concerns(&connection->growth[true], want)) {
			growth_need(connection, true, want);
			needs = true;
		}
		free = reserve_now(connection, span, want);
		if (free == 0) {
			/* The rest of the last one would keep the ring from being changed, and the
			 * peer may wait for that. */
			connection->reserved = 0;
			publish(connection);
			growth_stalled(connection);
		}
		connection_unlock(connection, true);
		if (free == 0)
			error = wait_for_space(connection,
					       (struct want){ .need = want, .wake = want }, flags,
					       &deadline);
	}
	if (needs)
		need_no_more(connection);
	endpoint_update(&connection->endpoint);
	return error != 0 ? error : free;
}

int transfer_commit(struct connection *connection, size_t length)
{
	int error = may_send(connection, 0);

	if (error != 0)
		return error;
	connection_lock(connection, true);
	error = sending_ended(connection);
	if (error == 0 && length > connection->reserved)
		error = fail(EINVAL, "%zu bytes to commit, %zu are left of those reserved", length,
			     connection->reserved);
	if (error == 0) {
		connection->reserved -= length;
		producer_advance(&connection->out, length);
		publish(connection);
	}
	connection_unlock(connection, true);
	endpoint_update(&connection->endpoint);
	return error;
}
