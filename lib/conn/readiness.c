/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conn/readiness.h"

#include <string.h>

#include "base/shared.h"
#include "conn/connection.h"
#include "conn/request.h"

/* The ways in which a direction is over, without a look at the ring. */
static bool receiving_over(struct connection *connection)
{
	return connection_stopped(connection, false) || consumer_finished(&connection->in);
}

static bool sending_over(struct connection *connection)
{
	return connection_stopped(connection, true) || producer_refused(&connection->out);
}

/* The ring is asked first: that sets the mark, and what ends a direction comes with an event too.
 */
static bool can_receive(struct connection *connection, struct want want)
{
	bool eager = endpoint_is_public(&connection->endpoint) ||
		     endpoint_is_shared(&connection->endpoint, POLLIN);

	if (consumer_has_data(&connection->in, want.need, eager) || receiving_over(connection))
		return true;
	if (want.need > consumer_size(&connection->in) &&
	    growth_hopeless(&connection->growth[false]))
		return true;
	if (want.need > 1 && consumer_starves(&connection->in))
		connection_notify(connection);
	return false;
}

/* Who polls gets what TCP promises, sk_stream_is_writeable in Linux: a third is free. So a block
 * sent after that does not wait. */
static bool can_send(struct connection *connection, struct want want)
{
	uint64_t size = producer_size(&connection->out), half = size / 2, need = want.need;
	uint64_t wake = want.wake < half ? want.wake : half;

	if (want.wake == any_byte.wake)
		need = (size + 2) / 3;
	if (need > size && growth_hopeless(&connection->growth[true]))
		return true;
	if (wake < need)
		wake = need;
	if (endpoint_is_shared(&connection->endpoint, POLLOUT))
		wake = 0;
	return producer_has_space(&connection->out, need, wake) || sending_over(connection);
}

static short ready_when_open(struct connection *connection, short events, struct want want)
{
	enum direction_wish direction = connection_direction(connection);
	bool sends = direction != DIRECTION_RECV;
	bool receives = direction != DIRECTION_SEND;
	short ready = 0;

	if ((events & POLLIN) != 0 && receives && can_receive(connection, want))
		ready |= POLLIN;
	/* An end that only receives is told at once that it cannot send; also, whoever waits for
	 * POLLOUT to see its connect succeed must not wait for the peer's first bytes. */
	if ((events & POLLOUT) != 0 && (!sends || can_send(connection, want)))
		ready |= POLLOUT;
	/* The peer stops reading with an event, whether a mark asks for one or not. */
	if ((events & POLLERR) != 0 && sends && producer_refused(&connection->out))
		ready |= POLLERR;
	if ((!sends || sending_over(connection)) && (!receives || receiving_over(connection)))
		ready |= POLLHUP;
	/* Last: death comes with an event after the marks were set. An orderly close looks like
	 * death afterwards, and the two looks above have told it. */
	if (connection_peer_dead(connection)) {
		ready |= POLLHUP;
		if ((receives && !consumer_finished(&connection->in)) ||
		    (sends && !producer_refused(&connection->out)))
			ready |= POLLERR;
		ready |= events & ((receives ? POLLIN : 0) | (sends ? POLLOUT : 0));
	}
	return ready;
}

static short connection_ready(struct endpoint *endpoint, short events, struct want want)
{
	struct connection *connection = (struct connection *)endpoint;

	if (__atomic_load_n(&connection->error, __ATOMIC_ACQUIRE) != 0)
		return (short)((events & (POLLIN | POLLOUT)) | POLLERR | POLLHUP);
	if (__atomic_load_n(&connection->state, __ATOMIC_ACQUIRE) != CONNECTION_OPEN)
		return 0;
	if ((events & EVENT_DECIDED) != 0)
		return EVENT_DECIDED;
	return ready_when_open(connection, events, want);
}

static int connection_descriptors(struct endpoint *endpoint, int fds[ENDPOINT_FDS_MAX])
{
	struct connection *connection = (struct connection *)endpoint;
	const struct platform_ops *ops = connection->platform->ops;
	int domain_fd = peer_fd(&connection->peer);
	int count = 0;

	if (connection->channel != NULL)
		count = ops->channel_fds(connection->channel, fds);
	if (domain_fd >= 0)
		fds[count++] = domain_fd;
	if (connection->request != NULL)
		fds[count++] = request_fd(connection->request);
	return count;
}

/* The other end may have settled the direction. */
static void look_for_settlement(struct connection *connection)
{
	if (connection_direction(connection) == DIRECTION_ONE_WAY &&
	    shared_load32(&connection->pages.control->header.settled) != 0)
		connection_settle(connection, true);
}

/* Not of a set-up, or of a direction that is not settled: those have words of their own. */
static bool look_for_tidings(const struct connection *connection, struct tidings *tidings)
{
	const struct control_direction *in = connection->in.shared, *out = connection->out.shared;

	if (connection->state != CONNECTION_OPEN || connection->request != NULL ||
	    connection_direction(connection) != DIRECTION_TWO_WAY)
		return false;
	*tidings = (struct tidings){
		.produced = shared_load64(&in->produced.index),
		.consumed = shared_load64(&out->consumed.index),
		.produced_state = shared_load32(&in->produced.state),
		.consumed_state = shared_load32(&out->consumed.state),
		.cut = { shared_load32(connection_cut_word(connection, false)),
			 shared_load32(connection_cut_word(connection, true)) },
	};
	return true;
}

/* The event of something that was seen before it came may still come. */
static bool connection_is_calm(struct endpoint *endpoint)
{
	const struct connection *connection = (const struct connection *)endpoint;
	struct tidings now;

	return connection->platform->ops->channel_repeats && look_for_tidings(connection, &now) &&
	       memcmp(&now, &connection->tidings, sizeof now) == 0;
}

static void connection_drain(struct endpoint *endpoint)
{
	struct connection *connection = (struct connection *)endpoint;
	int error;

	/* Before the event is taken: what comes in between is a reason for the next drain. */
	look_for_tidings(connection, &connection->tidings);
	peer_drain(&connection->peer);
	if (connection->channel != NULL) {
		error = connection_drain_channel(connection);
		if (error < 0)
			connection_break(connection, error);
	}
	if (connection->request != NULL)
		request_step(connection);
	if (connection->state != CONNECTION_OPEN)
		return;
	look_for_settlement(connection);
	growth_attend(connection);
}

static struct deadline connection_next_work(struct endpoint *endpoint)
{
	struct connection *connection = (struct connection *)endpoint;

	struct deadline look = peer_next_look(&connection->peer);

	if (connection->request != NULL)
		return deadline_earlier(look, request_deadline(connection->request));
	/* What is due then is done no more: it would stay due for ever. */
	if (__atomic_load_n(&connection->error, __ATOMIC_ACQUIRE) != 0)
		return look;
	if (!connection_stopped(connection, true))
		look = deadline_earlier(look, growth_next_work(&connection->growth[true]));
	if (!connection_stopped(connection, false))
		look = deadline_earlier(look, growth_next_work(&connection->growth[false]));
	return look;
}

const struct endpoint_ops connection_endpoint_ops = {
	.ready = connection_ready,
	.descriptors = connection_descriptors,
	.drain = connection_drain,
	.next_work = connection_next_work,
	.is_calm = connection_is_calm,
};
