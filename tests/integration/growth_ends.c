/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The writer closes, or is killed, while its ring is changed all the time: the reader gets all that
 * was published, and neither end keeps a page. */
#include "scenarios.h"

#include "api/socket.h"
#include "conn/exchange.h"
#include "pair.h"
#include "process.h"
#include "stream.h"

#include <errno.h>
#include <stdio.h>

#define ROUNDS 6

struct plan {
	bool a_grants;
	bool dies;
	unsigned round;
};

static struct xsock_options restless(const struct side *side, const struct plan *plan)
{
	bool grants = (side->letter == 'a') == plan->a_grants;

	return (struct xsock_options){ .role = grants ? XSOCK_ROLE_GRANT : XSOCK_ROLE_MAP,
				       .ring_start = 4096 };
}

static void change_ring(struct xsock *socket, uint64_t *random)
{
	struct connection *connection = socket->connection;
	struct growth *growth = &connection->growth[true];

	pthread_mutex_lock(&connection->out_lock);
	if (exchange_idle(connection, growth))
		exchange_wish(connection, growth, 1u << stream_random(random, 9));
	pthread_mutex_unlock(&connection->out_lock);
}

/* -- B ---------------------------------------------------------------------------------------- */

/* Until it is killed, or for a while. */
static void send_restlessly(struct side *side, void *argument)
{
	const struct plan *plan = argument;
	struct xsock_options options = restless(side, plan);
	struct xsock *socket = must_connect(side, &options);
	uint64_t sent = 0, random = (uint64_t)now_us();
	uint64_t end = plan->dies ? UINT64_MAX : 1 + stream_random(&random, 300000);
	char word[16];

	while (sent < end) {
		size_t length = 1 + stream_random(&random, 5000);

		change_ring(socket, &random);
		stream_send(socket, 1, sent, length);
		sent += length;
	}
	CHECK_RESULT(xsock_close(socket), 0);
	snprintf(word, sizeof word, "sent-%u", plan->round);
	say(side, word, "%llu", (unsigned long long)sent);
}

static void be_killed(struct side *side, struct plan *plan)
{
	char word[16], value[8];
	pid_t sender;

	await_listener(side);
	sender = process_start(side, send_restlessly, plan);
	snprintf(word, sizeof word, "kill-%u", plan->round);
	hear(side, word, value, sizeof value);
	process_kill(sender);
	snprintf(word, sizeof word, "killed-%u", plan->round);
	meet(side, word);
	clear_away(side);
}

/* -- A ---------------------------------------------------------------------------------------- */

/* Receives and checks `least` bytes at least, or to the end; where it is then. */
static uint64_t receive(struct xsock *socket, uint64_t from, uint64_t least, int *error)
{
	ssize_t count = 1;

	while (from < least && count > 0) {
		uint8_t block[3000];

		count = xsock_recv(socket, block, sizeof block, 0);
		if (count > 0) {
			CHECK(stream_matches(1, from, block, (size_t)count));
			from += (uint64_t)count;
		}
	}
	*error = count < 0 ? errno : 0;
	return from;
}

static void see_killed(struct side *side, const struct plan *plan)
{
	struct xsock_options options = restless(side, plan);
	struct xsock *listener = open_listener(side, &options), *socket = must_accept(listener);
	uint64_t random = (uint64_t)now_us(), received;
	char word[16];
	int error;

	CHECK_RESULT(xsock_close(listener), 0);
	received = receive(socket, 0, 1 + stream_random(&random, 200000), &error);
	CHECK_RESULT(error, 0);
	snprintf(word, sizeof word, "kill-%u", plan->round);
	say(side, word, "%s", "now");
	receive(socket, received, UINT64_MAX, &error);
	CHECK_RESULT(error, ECONNRESET);
	CHECK_RESULT(xsock_close(socket), 0);
	snprintf(word, sizeof word, "killed-%u", plan->round);
	meet(side, word);
}

/* -- both ------------------------------------------------------------------------------------- */

void growth_until_death(struct side *side)
{
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct plan plan = { .a_grants = round & 1, .dies = true, .round = round };

		if (side->letter == 'a')
			see_killed(side, &plan);
		else
			be_killed(side, &plan);
	}
}

static void see_closed(struct side *side, const struct plan *plan)
{
	struct xsock_options options = restless(side, plan);
	struct xsock *listener = open_listener(side, &options), *socket = must_accept(listener);
	uint64_t received;
	char word[16];
	int error;

	CHECK_RESULT(xsock_close(listener), 0);
	received = receive(socket, 0, UINT64_MAX, &error);
	CHECK_RESULT(error, 0);
	snprintf(word, sizeof word, "sent-%u", plan->round);
	CHECK_RESULT(received, hear_number(side, word));
	CHECK_RESULT(xsock_close(socket), 0);
}

void growth_until_close(struct side *side)
{
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct plan plan = { .a_grants = round & 1, .round = round };
		char word[16];

		if (side->letter == 'a') {
			see_closed(side, &plan);
		} else {
			await_listener(side);
			send_restlessly(side, &plan);
		}
		snprintf(word, sizeof word, "over-%u", round);
		meet(side, word);
	}
}
