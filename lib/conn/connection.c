/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conn/connection.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/shared.h"
#include "conn/presence.h"
#include "conn/readiness.h"
#include "conn/registry.h"
#include "conn/request.h"

int connection_new(struct platform *platform, unsigned domain, const char *service,
		   struct connection **made)
{
	struct connection *connection = calloc(1, sizeof *connection);
	int error;

	if (connection == NULL)
		return fail(ENOMEM, "no memory for a connection");
	connection->platform = platform;
	connection->domain = domain;
	snprintf(connection->service, sizeof connection->service, "%s", service);
	pthread_mutex_init(&connection->out_lock, NULL);
	pthread_mutex_init(&connection->in_lock, NULL);
	connection->out_spin = (struct spin)SPIN_INITIALIZER;
	connection->in_spin = (struct spin)SPIN_INITIALIZER;
	error = endpoint_init(&connection->endpoint, &connection_endpoint_ops);
	if (error != 0) {
		free(connection);
		return error;
	}
	connection->endpoint.under_way = true;
	connection->slot = registry_enter(REGISTRY_CONNECTION, connection, platform);
	*made = connection;
	return 0;
}

int connection_agree(struct connection *connection, const struct terms *terms,
		     const struct peer_limits *limits)
{
	size_t pages = 1 + (terms->send_start + terms->recv_start) / PAGE_BYTES;
	int error;

	connection->terms = *terms;
	__atomic_store_n(&connection->direction, terms->direction, __ATOMIC_RELEASE);
	error = peer_join(connection->platform, connection->domain, limits, &connection->peer,
			  &connection->endpoint);
	return error != 0 ? error : peer_claim(&connection->peer, pages);
}

/* ------------------------------------------------------------------ sharing */

static int outward(const struct connection *connection)
{
	return connection->terms.grants ? GRANTER_TO_MAPPER : MAPPER_TO_GRANTER;
}

static struct pages_plan plan(const struct connection *connection)
{
	const struct terms *terms = &connection->terms;
	int way = outward(connection);
	struct pages_plan plan = { .peer = connection->domain, .nonce = connection->nonce };

	plan.one_way = terms->direction == DIRECTION_ONE_WAY;
	if (plan.one_way)
		way = GRANTER_TO_MAPPER;
	plan.ring_bytes[way] = terms->send_start;
	plan.ring_bytes[!way] = terms->recv_start;
	return plan;
}

/* Both ends of an unsettled one-way connection look at the same pages; only one will go on. */
static void open_rings(struct connection *connection)
{
	struct control_page *control = connection->pages.control;
	int way = outward(connection);
	bool unsettled = connection->terms.direction == DIRECTION_ONE_WAY;
	void *out = connection->pages.ring[unsettled ? 0 : way];
	void *in = connection->pages.ring[unsettled ? 0 : !way];

	producer_init(&connection->out, &control->direction[way], out,
		      connection->terms.send_start);
	consumer_init(&connection->in, &control->direction[!way], in,
		      unsettled ? connection->terms.send_start : connection->terms.recv_start);
	growth_open(connection);
}

static void open_for_use(struct connection *connection)
{
	/* From now on who waits asks the rings. */
	connection->endpoint.asks = false;
	connection->endpoint.under_way = false;
	__atomic_store_n(&connection->state, CONNECTION_OPEN, __ATOMIC_RELEASE);
}

int connection_offer(struct connection *connection, uint64_t nonce, uint32_t *port,
		     uint32_t *reference)
{
	const struct platform_ops *ops = connection->platform->ops;
	struct pages_plan pages;
	int error;

	connection->nonce = nonce;
	pages = plan(connection);
	error = ops->channel_offer(connection->platform, connection->domain, port,
				   &connection->channel);
	if (error != 0)
		return error;
	error = pages_grant(&connection->pages, connection->platform, &pages, connection->channel,
			    reference);
	if (error == 0)
		open_rings(connection);
	return error;
}

int connection_take(struct connection *connection, uint64_t nonce, uint32_t port,
		    uint32_t reference)
{
	const struct platform_ops *ops = connection->platform->ops;
	struct pages_plan pages;
	int error;

	connection->nonce = nonce;
	pages = plan(connection);
	error = ops->channel_bind(connection->platform, connection->domain, port,
				  &connection->channel);
	if (error != 0)
		return error;
	error = pages_map(&connection->pages, connection->platform, &pages, connection->channel,
			  reference);
	if (error != 0)
		return error;
	open_rings(connection);
	pages_say_hello(&connection->pages, nonce);
	open_for_use(connection);
	connection_notify(connection);
	return 0;
}

int connection_taken(struct connection *connection)
{
	int error = __atomic_load_n(&connection->error, __ATOMIC_ACQUIRE), heard;

	/* Its channel can take no events. */
	if (error != 0)
		return fail(error, "%s", connection->reason);
	heard = pages_heard_hello(&connection->pages, connection->nonce);
	if (heard != 1)
		return heard;
	/* The peer bound the channel before it said so. Take note of that now: a platform may keep
	 * notifications back until then, and the user's next call may be long in coming. */
	error = connection_drain_channel(connection);
	if (error < 0)
		return error;
	open_for_use(connection);
	/* Of what was taken with it. */
	growth_attend(connection);
	return 1;
}

/* ------------------------------------------------------------------ teardown */

/* Before the marks, so that whoever sees a mark can know. */
static void cut(struct connection *connection, bool sending)
{
	shared_settle32(connection_cut_word(connection, sending),
			sending ? CUT_BY_WRITER : CUT_BY_READER);
}

static void end_lines(struct connection *connection)
{
	producer_publish(&connection->out);
	cut(connection, true);
	cut(connection, false);
	producer_end(&connection->out);
	consumer_end(&connection->in);
	connection_notify(connection);
}

static void end_sharing(struct connection *connection, bool restored)
{
	bool dead;

	if (connection->state == CONNECTION_OPEN && !restored)
		end_lines(connection);
	/* With the peer gone nobody will read what is left. */
	dead = connection_peer_dead(connection);
	growth_close(connection, dead);
	if (restored)
		pages_leave(&connection->pages);
	else
		pages_release(&connection->pages, dead);
}

static void close_channel(struct connection *connection, bool restored)
{
	const struct platform_ops *ops = connection->platform->ops;

	if (restored)
		ops->channel_leave(connection->channel);
	else
		ops->channel_close(connection->channel);
}

void connection_discard(struct connection *connection)
{
	bool restored = false;

	failure_hold();
	/* There may be news that nobody has taken. */
	if (connection->channel != NULL) {
		peer_drain(&connection->peer);
		restored = peer_was_restored(&connection->peer);
	}
	registry_leave(connection->slot);
	if (connection->request != NULL)
		request_end(connection->request);
	if (connection->pages.control != NULL)
		end_sharing(connection, restored);
	/* After the pages: letting them go fires the channel. */
	if (connection->channel != NULL)
		close_channel(connection, restored);
	peer_leave(&connection->peer);
	endpoint_destroy(&connection->endpoint);
	free(connection);
	failure_release();
}

void connection_close(struct connection *connection)
{
	struct platform *platform = connection->platform;

	connection_discard(connection);
	presence_leave(platform);
}

void connection_abandon(struct connection *connection)
{
	const struct platform_ops *ops = connection->platform->ops;
	struct platform *platform = connection->platform;

	registry_leave(connection->slot);
	if (connection->request != NULL)
		request_abandon(connection->request);
	if (connection->channel != NULL)
		ops->channel_abandon(connection->channel);
	endpoint_destroy(&connection->endpoint);
	free(connection);
	presence_leave(platform);
}

bool spin_unlocked(struct spin *spin, pthread_mutex_t *lock, const struct ring_goal *goal)
{
	int64_t moment = spin_moment(spin);
	bool came;

	if (moment == 0)
		return false;
	pthread_mutex_unlock(lock);
	came = spin_ask(moment, ring_reached, goal);
	pthread_mutex_lock(lock);
	spin_learn(spin, came);
	return came;
}

/* ------------------------------------------------------------------ state */

int connection_break(struct connection *connection, int error)
{
	/* Only the first, as the sentence must be whole before the number is seen. */
	if (!__atomic_exchange_n(&connection->breaking, true, __ATOMIC_ACQ_REL)) {
		snprintf(connection->reason, sizeof connection->reason, "%s", last_failure());
		__atomic_store_n(&connection->error, -error, __ATOMIC_RELEASE);
		endpoint_alarm(&connection->endpoint);
	}
	return error;
}

int connection_check_set_up(struct connection *connection)
{
	if (__atomic_load_n(&connection->state, __ATOMIC_ACQUIRE) == CONNECTION_UNDER_WAY)
		endpoint_attend(&connection->endpoint);
	return connection_check(connection);
}

int connection_check(const struct connection *connection)
{
	int error = __atomic_load_n(&connection->error, __ATOMIC_ACQUIRE);

	if (error != 0)
		return fail(error, "%s", connection->reason);
	if (__atomic_load_n(&connection->state, __ATOMIC_ACQUIRE) == CONNECTION_UNDER_WAY)
		return fail(EAGAIN, "the connection is still being set up");
	return 0;
}

/* One of so many: it takes two system calls. */
#define TIMED_NOTIFICATIONS 16

static void notify_timed(struct connection *connection)
{
	int64_t began = deadline_cpu_now();

	connection->platform->ops->channel_notify(connection->channel);
	spin_note_wake_up(deadline_cpu_now() - began);
}

void connection_notify(struct connection *connection)
{
	uint64_t count = __atomic_fetch_add(&connection->notifications, 1, __ATOMIC_RELAXED);

	if (count % TIMED_NOTIFICATIONS == 0)
		notify_timed(connection);
	else
		connection->platform->ops->channel_notify(connection->channel);
}

int connection_drain_channel(struct connection *connection)
{
	const struct platform_ops *ops = connection->platform->ops;
	int result = ops->channel_drain(connection->channel);

	if (ops->channel_lost(connection->channel))
		__atomic_store_n(&connection->lost, true, __ATOMIC_RELEASE);
	return result < 0 ? result : 0;
}

static void stop_sending(struct connection *connection)
{
	__atomic_store_n(&connection->stopped[true], true, __ATOMIC_RELEASE);
	/* A sender at work either sees the above or is done before the end is marked. */
	connection_lock(connection, true);
	producer_publish(&connection->out);
	cut(connection, true);
	producer_end(&connection->out);
	connection_unlock(connection, true);
}

static void stop_receiving(struct connection *connection)
{
	__atomic_store_n(&connection->stopped[false], true, __ATOMIC_RELEASE);
	cut(connection, false);
	consumer_end(&connection->in);
}

void connection_shutdown(struct connection *connection, bool receiving, bool sending)
{
	enum direction_wish direction = connection_direction(connection);

	if (sending && direction != DIRECTION_RECV)
		stop_sending(connection);
	if (receiving && direction != DIRECTION_SEND)
		stop_receiving(connection);
	connection_notify(connection);
	endpoint_alarm(&connection->endpoint);
}
