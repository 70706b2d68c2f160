/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Connections that are set up as they should be, and then told lies about in the shared pages. */
#include "hostile.h"

#include "api/socket.h"
#include "base/shared.h"
#include "conn/exchange.h"

#include <string.h>

#define STORM 8      /* connections */
#define STORM_MS 100 /* a round */

/* The victim has read and answered: it is in the middle of its work. */
static bool exchange(struct xsock *socket)
{
	char bytes[100] = "honest so far";

	return xsock_send(socket, bytes, sizeof bytes, 0) == sizeof bytes &&
	       xsock_recv(socket, bytes, sizeof bytes, MSG_WAITALL) == sizeof bytes;
}

static struct control_page *page_of(struct xsock *socket)
{
	return socket->connection->pages.control;
}

static void jump(struct xsock *socket)
{
	static const uint64_t jumps[] = { 1,         RING,      RING + 1, UINT64_C(1) << 32,
					  INT64_MAX, UINT64_MAX };
	struct connection *connection = socket->connection;
	uint64_t far = jumps[dice(sizeof jumps / sizeof jumps[0])];

	if (dice(2) == 0)
		shared_store64(&connection->out.shared->produced.index,
			       connection->out.written + far);
	else
		shared_store64(&connection->in.shared->consumed.index,
			       connection->in.consumed + far);
}

static void go_back(struct xsock *socket)
{
	struct connection *connection = socket->connection;
	uint64_t back = 1 + dice(100);

	if (dice(2) == 0)
		shared_store64(&connection->out.shared->produced.index,
			       connection->out.written - back);
	else
		shared_store64(&connection->in.shared->consumed.index,
			       connection->in.consumed - back);
}

static void change_sizes(struct xsock *socket)
{
	struct control_page *page = page_of(socket);

	page->header.magic = dice(UINT32_MAX);
	page->header.one_way = dice(3);
	page->header.nonce = dice(UINT32_MAX);
	shared_store64(&page->header.ring_bytes[0], UINT64_C(1) << dice(64));
	shared_store64(&page->header.ring_bytes[1], dice(UINT32_MAX));
	shared_store32(&page->header.settled, dice(4));
	for (int at = 0; at < CONTROL_REFERENCES; at++)
		shared_store32(&page->reference[at], dice(UINT32_MAX));
}

static void lie_about_growth(struct xsock *socket)
{
	struct connection *connection = socket->connection;
	struct control_growth *own = exchange_own_words(connection);
	uint64_t ring = control_ring(dice(4), dice(3) == 0 ? dice(UINT32_MAX) : 1u << dice(10));
	int way = (int)dice(2);

	switch (dice(6)) {
	case 0:
		shared_store64(&own->wish, ring);
		break;
	case 1:
		shared_store64(&own->ask, ring);
		break;
	case 2:
		shared_store32(&own->mapped[way], dice(4));
		break;
	case 3:
		shared_store32(&own->refused[way], dice(4));
		break;
	case 4:
		shared_store32(&connection->out.shared->produced.turn, dice(16));
		break;
	default:
		shared_store64(&page_of(socket)->offer[way].ring, ring);
	}
}

/* All of the page but the signs of life: with those gone it would be over at once. */
static void scribble(struct xsock *socket)
{
	uint64_t *words = (uint64_t *)page_of(socket);

	for (int count = 0; count < 50; count++) {
		size_t at = dice(sizeof(struct control_page) / sizeof *words);

		if (at != offsetof(struct control_page, granter) / sizeof *words &&
		    at != offsetof(struct control_page, mapper) / sizeof *words)
			shared_store64(&words[at], (uint64_t)dice(UINT32_MAX) << dice(33));
	}
}

/* Lies, wakes the victim, and stays a moment, in which it looks; its answers are not read. */
static void tell(struct attacker *attacker, void (*lie)(struct xsock *socket), int times)
{
	struct xsock *socket = attacker_connect(attacker);

	if (!socket)
		return;
	if (exchange(socket))
		attacker_began();
	for (int count = 0; count < times; count++) {
		lie(socket);
		connection_notify(socket->connection);
		xsock_send(socket, "x", 1, MSG_DONTWAIT);
	}
	xsock_close(socket);
}

void attack_index_jump(struct attacker *attacker)
{
	tell(attacker, jump, 3);
}

void attack_index_back(struct attacker *attacker)
{
	tell(attacker, go_back, 3);
}

void attack_sizes(struct attacker *attacker)
{
	tell(attacker, change_sizes, 3);
}

void attack_growth(struct attacker *attacker)
{
	attacker->options.send_ring = attacker->options.recv_ring = 0;
	tell(attacker, lie_about_growth, 30);
}

void attack_scribble(struct attacker *attacker)
{
	attacker->options.send_ring = attacker->options.recv_ring = attacker->round % 2 ? RING : 0;
	tell(attacker, scribble, 20);
}

void attack_storm(struct attacker *attacker)
{
	int64_t end = now_ms() + STORM_MS;
	struct xsock *sockets[STORM];
	int count = 0;

	while (count < STORM && (sockets[count] = attacker_connect(attacker)))
		count++;
	attacker_began();
	while (count > 0 && now_ms() < end)
		for (int at = 0; at < 100 * count; at++)
			connection_notify(sockets[at % count]->connection);
	while (count > 0)
		xsock_close(sockets[--count]);
}

/* -- as a listener ---------------------------------------------------------------------------- */

void pose_liar(struct attacker *attacker)
{
	static void (*const lies[])(struct xsock * socket) = { jump, go_back, change_sizes,
							       lie_about_growth, scribble };
	struct xsock_options options = attacker->options;
	struct xsock *listener, *socket;

	options.send_ring = options.recv_ring = 0;
	listener = xsock_listen(attacker->service, &options);
	if (!listener)
		return;
	attacker_began();
	for (int count = 0; count < 20; count++) {
		socket = xsock_accept(listener, 100);
		if (!socket)
			continue;
		for (int at = 0; at < 5; at++) {
			lies[count % 5](socket);
			connection_notify(socket->connection);
			xsock_send(socket, "x", 1, MSG_DONTWAIT);
		}
		xsock_close(socket);
	}
	xsock_close(listener);
}
