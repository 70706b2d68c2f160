/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <sys/socket.h>

#include "base/error.h"
#include "base/pause.h"
#include "conn/connection.h"
#include "conn/transfer.h"
#include "ring/span.h"

#define GATHERED 2048
#define PAUSES 16

static int refresh(struct connection *connection)
{
	if (consumer_refresh(&connection->in) == 0)
		return 0;
	return connection_break(connection, -EPROTO);
}

/* Looks how many bytes there are. When there are fewer than `want`, `ended` says whether that is
 * all there will be, and how it ended: 1 with end of stream, -errno otherwise; 0 more may come. */
static int look(struct connection *connection, size_t want, int *ended)
{
	int error;
	bool dead;

	*ended = 0;
	if (consumer_available(&connection->in) >= want)
		return 0;
	error = connection_check(connection);
	if (error != 0)
		return error;
	/* First death, then the end, then the index: an orderly close marks its end before it looks
	 * dead, and publishes its last bytes before it marks its end. */
	dead = connection_peer_dead(connection);
	if (consumer_finished(&connection->in))
		*ended = 1;
	else if (dead)
		*ended = -ECONNRESET;
	return refresh(connection);
}

/* After all bytes were read. */
static int end_of_stream(const struct connection *connection, int ended)
{
	if (ended > 0)
		return 0;
	return fail(-ended, "the peer in domain %u died", connection->domain);
}

static int may_receive(struct connection *connection, int flags, int known)
{
	int error;

	if ((flags & ~known) != 0)
		return fail(EOPNOTSUPP,
			    "a receive takes MSG_DONTWAIT, MSG_PEEK and MSG_WAITALL only");
	if (connection_goes(connection, false))
		return 0;
	error = connection_check_set_up(connection);
	return error != 0 ? error : connection_settle(connection, false);
}

static int nothing_came(const struct connection *connection, bool stayed)
{
	return fail_often(stayed ? ETIMEDOUT : EAGAIN, "nothing came from domain ",
			  connection->domain, "");
}

/* 0 when there is a reason to look again. Not with the lock held. */
static int wait_for_data(struct connection *connection, size_t need, int flags,
			 struct deadline *deadline)
{
	bool stay = connection_waits(connection, flags);
	int limit = __atomic_load_n(&connection->recv_timeout, __ATOMIC_RELAXED);
	int error;

	/* A writer that sleeps until this end, which wants more, gives more has to be woken. */
	if (need == 1 && connection_glances(connection, flags))
		return endpoint_glance(&connection->endpoint, deadline)
			       ? 0
			       : nothing_came(connection, false);
	if (deadline->at == 0 && !deadline->never)
		*deadline = deadline_in(stay ? (limit > 0 ? limit : -1) : 0);
	error = endpoint_wait_to_look(&connection->endpoint, POLLIN, (struct want){ .need = need },
				      deadline);
	if (error != -ETIMEDOUT)
		return error;
	return nothing_came(connection, stay);
}

/* Nothing was sent between two waits for bytes: whoever sends them waits for no answer. */
static bool is_stream(struct connection *connection)
{
	uint64_t sent = __atomic_load_n(&connection->out.written, __ATOMIC_RELAXED);
	bool none = sent == connection->sent_before;

	connection->sent_before = sent;
	return none;
}

/* A reader at the writer's heels costs both a cache line's way for each message: let some come. */
static void gather(struct connection *connection)
{
	const struct consumer *in = &connection->in;
	uint64_t come = shared_load64(&in->shared->produced.index) - in->consumed;

	if (come >= GATHERED)
		return;
	for (int pause = 0; pause < PAUSES; pause++)
		processor_pause();
}

/* Asks for a moment whether `need` bytes are there: 1 when they are, 0, or -ETIMEDOUT: a peer that
 * comes just in time, again and again, must not put the limit off. */
static int ask_for_data(struct connection *connection, size_t need, int flags,
			struct deadline *deadline)
{
	struct consumer *in = &connection->in;
	struct ring_goal goal = { &in->shared->produced.index, in->consumed + need };
	int limit = __atomic_load_n(&connection->recv_timeout, __ATOMIC_RELAXED);

	if (!connection_waits(connection, flags))
		return 0;
	if (!deadline_lasts(deadline, limit))
		return nothing_came(connection, true);
	if (!connection->spins || !spin_unlocked(&connection->in_spin, &connection->in_lock, &goal))
		return 0;
	if (is_stream(connection))
		gather(connection);
	return 1;
}

/* Looks, and waits, until `need` bytes are there (1: 0 says that no more will come). Enters and
 * leaves with the lock held. */
static int await(struct connection *connection, size_t need, int flags, struct deadline *deadline,
		 int *ended)
{
	int64_t began;

	for (;;) {
		int error = look(connection, need, ended);

		if (error != 0)
			return error;
		if (connection_stopped(connection, false))
			*ended = 1;
		if (consumer_available(&connection->in) >= need || *ended != 0)
			return 0;
		if (growth_hopeless(&connection->growth[false]) && need > connection->in.size)
			return growth_failure(need, connection->in.size);
		error = ask_for_data(connection, need, flags, deadline);
		if (error > 0)
			continue;
		if (error < 0)
			return error;
		began = connection_waits(connection, flags) ? deadline_now() : 0;
		connection_unlock(connection, false);
		error = wait_for_data(connection, need, flags, deadline);
		connection_lock(connection, false);
		if (began != 0)
			spin_note_sleep(&connection->in_spin, deadline_now() - began);
		if (error != 0)
			return error;
	}
}

/* Where the next byte goes. */
struct cursor {
	const struct iovec *piece, *behind;
	size_t into;
};

static struct cursor cursor_at(const struct iovec *pieces, int count)
{
	return (struct cursor){ .piece = pieces, .behind = pieces + count };
}

/* Fills the pieces with what is there, `most` bytes at most; how many. */
static size_t copy_out(struct connection *connection, struct cursor *to, size_t most)
{
	size_t copied = 0;

	if (most > consumer_available(&connection->in))
		most = consumer_available(&connection->in);
	while (copied < most && to->piece < to->behind) {
		size_t room = to->piece->iov_len - to->into;
		size_t length = room < most - copied ? room : most - copied;

		/* An empty piece may lie at NULL, which is no place to copy to. */
		if (length > 0)
			consumer_copy(&connection->in, copied,
				      (char *)to->piece->iov_base + to->into, length);
		copied += length;
		to->into += length;
		if (length == room)
			*to = cursor_at(to->piece + 1, (int)(to->behind - to->piece) - 1);
	}
	return copied;
}

/* Whoever always finds bytes never drains. */
static void hear_news(struct connection *connection)
{
	if (connection->in.turn.news)
		growth_step(connection, false);
}

static void release(struct connection *connection, size_t length)
{
	connection->peeked -= length < connection->peeked ? length : connection->peeked;
	if (consumer_release(&connection->in, length))
		connection_notify(connection);
	hear_news(connection);
}

static int add_up(const struct iovec *pieces, int count, size_t *total)
{
	*total = 0;
	for (int at = 0; at < count; at++)
		if (__builtin_add_overflow(*total, pieces[at].iov_len, total))
			return fail(EINVAL, "the pieces are more bytes than a size_t can say");
	return 0;
}

static size_t smaller(size_t one, size_t other)
{
	return one < other ? one : other;
}

/* Spans in a ring of before end with the next peek: while it waits, the writer may wait for a
 * larger ring, which cannot come before that one is gone. */
static void end_peek(struct connection *connection)
{
	struct growth *growth = &connection->growth[false];

	connection->peeks = true;
	if (growth->old.address != NULL)
		growth_step(connection, false);
}

/* Leaves the bytes where they are. */
static ssize_t receive_peeking(struct connection *connection, const struct iovec *pieces, int count,
			       size_t total, int flags)
{
	struct deadline deadline = { 0 };
	struct cursor to = cursor_at(pieces, count);
	size_t need = 1;
	int ended, error;

	if ((flags & MSG_WAITALL) != 0)
		need = smaller(total, connection->growth[false].largest);
	end_peek(connection);
	growth_need(connection, false, need);
	error = await(connection, need, flags, &deadline, &ended);
	if (error == -EMSGSIZE)
		error = await(connection, connection->in.size, flags, &deadline, &ended);
	growth_needs_no_more(connection, false);
	/* What came while it waited for more. */
	if ((error == -ETIMEDOUT || error == -EINTR) && refresh(connection) != 0)
		return -EPROTO;
	if (consumer_available(&connection->in) > 0)
		return (ssize_t)copy_out(connection, &to, total);
	return error != 0 ? error : end_of_stream(connection, ended);
}

/* What is there and fits, part by part, so that the writer has space while the rest is copied. */
static size_t take(struct connection *connection, struct cursor *to, size_t most)
{
	size_t size = connection->in.size, taken = 0;
	/* If the two only ever take turns, the fewer the better. */
	size_t part_most = spin_pays(&connection->in_spin) ? ring_part(size) : size;

	for (;;) {
		size_t left = most - taken;
		size_t part = copy_out(connection, to, left < part_most ? left : part_most);

		release(connection, part);
		taken += part;
		if (taken == most || part == 0)
			return taken;
		/* What is wrong with the peer is the next call's affair. */
		if (consumer_available(&connection->in) < part_most && refresh(connection) != 0)
			return taken;
	}
}

/* As most do: one piece, and all of it is there. */
static bool is_simple(struct connection *connection, int count, size_t total)
{
	const struct consumer *in = &connection->in;

	if (count != 1 || total > ring_part(in->size))
		return false;
	return total <= consumer_available(in) ||
	       (refresh(connection) == 0 && total <= consumer_available(in));
}

static size_t take_simple(struct connection *connection, const struct iovec *piece)
{
	consumer_copy(&connection->in, 0, piece->iov_base, piece->iov_len);
	release(connection, piece->iov_len);
	return piece->iov_len;
}

static ssize_t receive_taking(struct connection *connection, const struct iovec *pieces, int count,
			      size_t total, int flags)
{
	struct deadline deadline = { 0 };
	struct cursor to = cursor_at(pieces, count);
	size_t received = 0;
	int ended = 0, error;

	do {
		size_t taken;

		/* As much as there is by now; what is not enough yet is await's affair. */
		error = 0;
		if (consumer_available(&connection->in) < total - received)
			error = refresh(connection);
		if (error == 0)
			error = await(connection, 1, flags, &deadline, &ended);
		if (error != 0)
			break;
		taken = take(connection, &to, total - received);
		received += taken;
		if (taken == 0)
			break;
	} while ((flags & MSG_WAITALL) != 0 && received < total);
	if (received > 0)
		return (ssize_t)received;
	return error != 0 ? error : end_of_stream(connection, ended);
}

ssize_t transfer_receive(struct connection *connection, const struct iovec *pieces, int count,
			 int flags)
{
	int error = may_receive(connection, flags, MSG_DONTWAIT | MSG_PEEK | MSG_WAITALL);
	ssize_t received;
	size_t total;

	if (error == 0)
		error = add_up(pieces, count, &total);
	if (error != 0 || total == 0)
		return error;
	connection_lock(connection, false);
	if ((flags & MSG_PEEK) != 0)
		received = receive_peeking(connection, pieces, count, total, flags);
	else if (is_simple(connection, count, total))
		received = (ssize_t)take_simple(connection, pieces);
	else
		received = receive_taking(connection, pieces, count, total, flags);
	connection_unlock(connection, false);
	/* Who found nothing took all events and looked after that. */
	if (received != -EAGAIN)
		endpoint_update(&connection->endpoint);
	return received;
}

bool transfer_is_receivable(const struct connection *connection)
{
	const struct consumer *in = &connection->in;

	if (__atomic_load_n(&connection->error, __ATOMIC_ACQUIRE) != 0)
		return true;
	if (__atomic_load_n(&connection->state, __ATOMIC_ACQUIRE) != CONNECTION_OPEN)
		return false;
	return connection_direction(connection) == DIRECTION_SEND || consumer_grew(in) ||
	       connection_stopped(connection, false) || consumer_finished(in) ||
	       connection_peer_dead(connection);
}

/* ------------------------------------------------------------------ in place */

ssize_t transfer_peek(struct connection *connection, struct iovec span[2], size_t want, int flags)
{
	struct deadline deadline = { 0 };
	int error = may_receive(connection, flags, MSG_DONTWAIT);
	ssize_t available = 0;
	int ended = 0;
	bool needs;

	if (want == 0)
		want = 1;
	if (error == 0 && want > connection->growth[false].largest)
		error = fail(EMSGSIZE, "%zu bytes never fit in a ring of %llu", want,
			     (unsigned long long)connection->growth[false].largest);
	if (error != 0)
		return error;
	connection_lock(connection, false);
	end_peek(connection);
	needs = growth_concerns(&connection->growth[false], want);
	if (needs)
		growth_need(connection, false, want);
	error = await(connection, want, flags, &deadline, &ended);
	if (needs)
		growth_needs_no_more(connection, false);
	if (error == 0) {
		/* All there is, not only what the last look saw. */
		error = refresh(connection);
		consumer_spans(&connection->in, span);
		available = (ssize_t)consumer_available(&connection->in);
		connection->peeked = (size_t)available;
		connection->peeked_ring = connection->in.turn.generation;
		connection->peeks = false;
		hear_news(connection);
	}
	if (error == 0 && available == 0)
		error = end_of_stream(connection, ended);
	connection_unlock(connection, false);
	endpoint_update(&connection->endpoint);
	return error != 0 ? error : available;
}

int transfer_consume(struct connection *connection, size_t length)
{
	int error = may_receive(connection, 0, 0);

	if (error != 0)
		return error;
	connection_lock(connection, false);
	if (length > connection->peeked)
		error = fail(EINVAL, "%zu bytes to consume, %zu are left of those peeked at",
			     length, connection->peeked);
	else
		release(connection, length);
	connection_unlock(connection, false);
	endpoint_update(&connection->endpoint);
	return error;
}
