/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "api/socket.h"
#include "base/error.h"
#include "base/shared.h"

#define INFO_SIZE_MAX 4096

static_assert((int)XSOCK_REFUSED_CLASH == (int)CAUSE_CLASH, "refusal");
static_assert((int)XSOCK_REFUSED_RESOURCES == (int)CAUSE_RESOURCES, "refusal");
static_assert((int)XSOCK_REFUSED_REQUESTS == (int)CAUSE_REQUESTS, "refusal");
static_assert((int)XSOCK_REFUSED_RATE == (int)CAUSE_RATE, "refusal");
static_assert((int)XSOCK_REFUSED_RING == (int)CAUSE_RING, "refusal");
static_assert(XSOCK_REFUSALS >= (int)CAUSE_COUNT, "room for all refusals");

static void describe_refusals(const struct refusals *refusals, struct xsock_info *info)
{
	info->refused = refusals->total;
	memcpy(info->refused_by, refusals->count, sizeof refusals->count);
	info->last_refusal = (enum xsock_refusal)refusals->last;
	info->last_refused_domain = refusals->domain;
	memcpy(info->last_refusal_text, refusals->text, sizeof info->last_refusal_text);
}

static void describe_listener(const struct listener *listener, struct xsock_info *info)
{
	info->platform = listener->platform->ops->name;
	info->own_domain = info->peer_domain = listener->platform->self;
	info->role = (enum xsock_role)listener->wishes.role;
	info->direction = (enum xsock_direction)listener->wishes.direction;
	info->send_ring = listener->wishes.send;
	info->recv_ring = listener->wishes.recv;
	info->accepted = listener->accepted;
	describe_refusals(&listener->refusals, info);
	memcpy(info->service, listener->service, sizeof info->service);
}

static void describe_rings(struct connection *connection, struct xsock_info *info)
{
	if (info->direction != XSOCK_DIR_RECV) {
		connection_lock(connection, true);
		if (!connection->withdrawn && producer_refresh(&connection->out) == 0)
			info->bytes_to_send = producer_free(&connection->out);
		info->bytes_sent = connection->out.written;
		info->send_ring = connection->out.size;
		info->send_ring_most = connection->growth[true].largest;
		info->send_ring_changes = connection->growth[true].changes;
		info->send_ring_refusals = connection->growth[true].refusals;
		connection_unlock(connection, true);
	}
	if (info->direction != XSOCK_DIR_SEND) {
		connection_lock(connection, false);
		if (consumer_refresh(&connection->in) == 0)
			info->bytes_to_receive = consumer_available(&connection->in);
		info->bytes_received = connection->in.consumed;
		info->recv_ring = connection->in.size;
		info->recv_ring_most = connection->growth[false].largest;
		info->recv_ring_changes = connection->growth[false].changes;
		info->recv_ring_refusals = connection->growth[false].refusals;
		connection_unlock(connection, false);
	}
}

/* Two answers are known; the word is the peer's too. */
static enum xsock_cut describe_cut(const struct connection *connection, bool sending)
{
	switch (shared_load32(connection_cut_word(connection, sending))) {
	case CUT_BY_WRITER:
		return XSOCK_CUT_BY_SENDER;
	case CUT_BY_READER:
		return XSOCK_CUT_BY_RECEIVER;
	default:
		return XSOCK_CUT_NONE;
	}
}

static void describe_connection(struct connection *connection, struct xsock_info *info)
{
	info->platform = connection->platform->ops->name;
	info->own_domain = connection->platform->self;
	info->peer_domain = connection->domain;
	info->direction = (enum xsock_direction)connection_direction(connection);
	info->notifications_sent = __atomic_load_n(&connection->notifications, __ATOMIC_RELAXED);
	memcpy(info->service, connection->service, sizeof info->service);
	if (__atomic_load_n(&connection->state, __ATOMIC_ACQUIRE) != CONNECTION_OPEN)
		return;
	info->role = connection->terms.grants ? XSOCK_ROLE_GRANT : XSOCK_ROLE_MAP;
	describe_rings(connection, info);
	if (info->direction != XSOCK_DIR_RECV)
		info->send_cut = describe_cut(connection, true);
	if (info->direction != XSOCK_DIR_SEND)
		info->recv_cut = describe_cut(connection, false);
}

PUBLIC int xsock_get_info(struct xsock *socket, struct xsock_info *info, size_t size)
{
	struct xsock_info whole;
	struct endpoint *endpoint;
	size_t filled;
	int error = socket_check(socket);

	if (error == 0 && (info == NULL || size == 0 || size > INFO_SIZE_MAX))
		error = fail(EINVAL, "info needs a place of 1 to %d bytes", INFO_SIZE_MAX);
	if (error != 0)
		return (int)socket_result(error);
	/* Some ask about connections often: their answer ends where a listener's refusals begin. */
	filled = socket->listener != NULL ? sizeof whole : offsetof(struct xsock_info, refused_by);
	memset(&whole, 0, filled);
	endpoint = socket_endpoint(socket);
	pthread_mutex_lock(&endpoint->lock);
	if (socket->listener != NULL)
		describe_listener(socket->listener, &whole);
	whole.waits = endpoint->waits;
	pthread_mutex_unlock(&endpoint->lock);
	if (socket->connection != NULL)
		describe_connection(socket->connection, &whole);
	if (filled > size)
		filled = size;
	memcpy(info, &whole, filled);
	memset((char *)info + filled, 0, size - filled);
	return 0;
}

PUBLIC int xsock_set_timeouts(struct xsock *socket, int send_timeout, int recv_timeout)
{
	int error;
	struct connection *connection = socket_connection(socket, &error);

	if (error == 0 && (send_timeout < -1 || recv_timeout < -1))
		error = fail(EINVAL, "a time-out is -1 or 0 (no limit) or milliseconds");
	if (error == 0) {
		__atomic_store_n(&connection->send_timeout, send_timeout, __ATOMIC_RELAXED);
		__atomic_store_n(&connection->recv_timeout, recv_timeout, __ATOMIC_RELAXED);
	}
	return (int)socket_result(error);
}

PUBLIC const char *xsock_last_error(void)
{
	return shown_failure();
}

PUBLIC const char *xsock_version(void)
{
	return XSOCK_VERSION;
}
