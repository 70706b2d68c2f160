/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every call that may be made at once on one connection, each from a thread of its own, while its
 * rings are changed: what the threads share, the thread sanitizer sees. */
#include "races.h"
#include "scenarios.h"

#include "api/socket.h"
#include "conn/exchange.h"
#include "pair.h"
#include "stream.h"

#include <errno.h>

#define TOTAL 1000000
#define BLOCK 20000

bool racers_go_on(const struct racers *racers)
{
	return !atomic_load_explicit(&racers->over, memory_order_relaxed);
}

void racers_start(struct racers *racers, void *(*const *work)(void *), unsigned count)
{
	CHECK(count <= RACERS_MOST);
	racers->count = count;
	for (unsigned at = 0; at < count; at++)
		CHECK_RESULT(pthread_create(&racers->threads[at], NULL, work[at], racers), 0);
}

void racers_end(struct racers *racers)
{
	atomic_store_explicit(&racers->over, true, memory_order_relaxed);
	for (unsigned at = 0; at < racers->count; at++)
		CHECK_RESULT(pthread_join(racers->threads[at], NULL), 0);
}

/* -- those who only look -------------------------------------------------------------------- */

void *race_poll(void *argument)
{
	struct racers *racers = argument;
	struct xsock_pollfd entry = { .socket = racers->socket };

	for (unsigned turn = 0; racers_go_on(racers); turn++) {
		entry.events = (short)(turn % 8);
		entry.events &= POLLIN | POLLOUT | POLLERR;
		CHECK(xsock_poll(&entry, 1, 2) >= 0);
		CHECK(xsock_recv_ready(racers->socket) >= 0);
	}
	return NULL;
}

void *race_descriptor(void *argument)
{
	static const short events[] = { POLLIN, POLLOUT, POLLERR, POLLIN | POLLOUT, 0 };
	struct racers *racers = argument;
	struct pollfd entry = { .fd = xsock_fd(racers->socket), .events = POLLIN };

	CHECK(entry.fd >= 0);
	for (unsigned turn = 0; racers_go_on(racers); turn++) {
		CHECK_RESULT(xsock_set_events(racers->socket, events[turn % 5]), 0);
		CHECK(poll(&entry, 1, 1) >= 0);
		CHECK_RESULT(xsock_fd(racers->socket), entry.fd);
	}
	return NULL;
}

void *race_info(void *argument)
{
	struct racers *racers = argument;

	while (racers_go_on(racers)) {
		struct xsock_info info = info_of(racers->socket);

		CHECK(info.bytes_to_receive <= info.recv_ring);
		CHECK(info.bytes_to_send <= info.send_ring);
		CHECK(info.send_ring <= info.send_ring_most);
		CHECK_RESULT(xsock_set_timeouts(racers->socket, WAIT_LIMIT, WAIT_LIMIT), 0);
		CHECK_RESULT(xsock_connect_finish(racers->socket), 0);
	}
	return NULL;
}

/* -- those who move bytes ------------------------------------------------------------------- */

/* What stalls and idle rings would make the library do now and then. */
static void change_ring(struct connection *connection, unsigned turn)
{
	struct growth *growth = &connection->growth[true];

	pthread_mutex_lock(&connection->out_lock);
	if (exchange_idle(connection, growth))
		exchange_wish(connection, growth, turn % 2 == 0 ? 1 : 64);
	pthread_mutex_unlock(&connection->out_lock);
}

static size_t send_in_place(struct xsock *socket, uint64_t from, size_t most)
{
	struct iovec span[2];
	ssize_t free = xsock_send_reserve(socket, span, 1, 0);
	size_t length = span[0].iov_len < most ? span[0].iov_len : most;

	CHECK(free > 0);
	stream_fill(1, from, span[0].iov_base, length);
	CHECK_RESULT(xsock_send_commit(socket, length), 0);
	return length;
}

static void *race_send(void *argument)
{
	struct racers *racers = argument;
	char block[BLOCK];
	uint64_t sent = 0;

	for (unsigned turn = 0; sent < TOTAL; turn++) {
		size_t length = TOTAL - sent < BLOCK ? TOTAL - sent : BLOCK;

		change_ring(racers->socket->connection, turn);
		if (turn % 3 == 0) {
			sent += send_in_place(racers->socket, sent, length);
			continue;
		}
		stream_fill(1, sent, block, length);
		CHECK_RESULT(
			xsock_send(racers->socket, block, length, turn % 3 == 1 ? MSG_MORE : 0),
			(long)length);
		sent += length;
	}
	CHECK_RESULT(xsock_shutdown(racers->socket, SHUT_WR), 0);
	return NULL;
}

static size_t receive_in_place(struct xsock *socket, uint64_t from)
{
	struct iovec span[2];
	ssize_t there = xsock_recv_peek(socket, span, 1, 0);

	CHECK(there >= 0);
	if (there == 0)
		return 0;
	CHECK(stream_matches(1, from, span[0].iov_base, span[0].iov_len));
	CHECK_RESULT(xsock_recv_consume(socket, span[0].iov_len), 0);
	return span[0].iov_len;
}

static void receive_all(struct xsock *socket)
{
	char block[BLOCK];
	uint64_t received = 0;
	ssize_t count = 1;

	for (unsigned turn = 0; count > 0; turn++) {
		if (turn % 3 == 0) {
			count = (ssize_t)receive_in_place(socket, received);
		} else {
			count = xsock_recv(socket, block, sizeof block,
					   turn % 3 == 1 ? MSG_WAITALL : 0);
			CHECK(count >= 0);
			CHECK(stream_matches(1, received, block, (size_t)count));
		}
		received += (uint64_t)count;
	}
	CHECK_RESULT(received, TOTAL);
}

static void race(struct side *side, bool a_grants, const char *word)
{
	static void *(*const work[])(void *) = { race_send, race_poll, race_descriptor, race_info };
	bool grants = (side->letter == 'a') == a_grants;
	struct xsock_options options = { .role = grants ? XSOCK_ROLE_GRANT : XSOCK_ROLE_MAP,
					 .ring_start = 4096 };
	struct racers racers = { .socket = open_pair(side, &options) };

	racers_start(&racers, work, 4);
	receive_all(racers.socket);
	racers_end(&racers);
	CHECK(info_of(racers.socket).send_ring_changes > 0);
	meet(side, word);
	CHECK_RESULT(xsock_close(racers.socket), 0);
}

void races_of_all(struct side *side)
{
	race(side, true, "granter-done");
	race(side, false, "mapper-done");
}
