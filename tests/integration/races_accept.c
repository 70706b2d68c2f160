/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Several threads accept from one listener, which others poll and look at, and several connect at
 * once in one process: each connection is one thread's, and a shutdown ends all who wait. */
#include "races.h"
#include "scenarios.h"

#include "pair.h"

#include <errno.h>

#define ACCEPTERS 4
#define CONNECTORS 4
#define EACH 8

struct door {
	struct racers racers; /* first: what the threads are given */
	struct side *side;
	atomic_uint accepted;
};

static void *accept_until_shut(void *argument)
{
	struct door *door = argument;
	struct xsock *socket;

	while ((socket = xsock_accept(door->racers.socket, WAIT_LIMIT))) {
		atomic_fetch_add(&door->accepted, 1);
		meet_over(socket);
		CHECK_RESULT(xsock_close(socket), 0);
	}
	CHECK(errno == EINVAL);
	return NULL;
}

static void *poll_listener(void *argument)
{
	struct door *door = argument;
	struct xsock_pollfd entry = { .socket = door->racers.socket, .events = POLLIN };

	while (racers_go_on(&door->racers)) {
		CHECK(xsock_poll(&entry, 1, 5) >= 0);
		descriptor_shows(door->racers.socket);
	}
	return NULL;
}

static void *look_at_listener(void *argument)
{
	struct door *door = argument;

	while (racers_go_on(&door->racers)) {
		struct xsock_info info = info_of(door->racers.socket);

		CHECK(info.accepted <= CONNECTORS * EACH);
		CHECK_RESULT(info.refused, 0);
	}
	return NULL;
}

static void accept_all(struct side *side)
{
	static void *(*const work[])(void *) = { accept_until_shut, accept_until_shut,
						 accept_until_shut, accept_until_shut,
						 poll_listener,     look_at_listener };
	struct door door = { .side = side };

	door.racers.socket = open_listener(side, NULL);
	racers_start(&door.racers, work, ACCEPTERS + 2);
	meet(side, "connected");
	CHECK_RESULT(xsock_shutdown(door.racers.socket, SHUT_RDWR), 0);
	racers_end(&door.racers);
	CHECK_RESULT(atomic_load(&door.accepted), CONNECTORS * EACH);
	CHECK_RESULT(info_of(door.racers.socket).accepted, CONNECTORS * EACH);
	CHECK_RESULT(xsock_close(door.racers.socket), 0);
}

/* Opens, uses and closes; with sockets of the others coming and going. */
static void *connect_each(void *argument)
{
	struct door *door = argument;

	for (int count = 0; count < EACH; count++) {
		struct xsock *socket = must_connect(door->side, NULL);

		meet_over(socket);
		CHECK_RESULT(xsock_close(socket), 0);
	}
	return NULL;
}

static void connect_all(struct side *side)
{
	static void *(*const work[])(void *) = { connect_each, connect_each, connect_each,
						 connect_each };
	struct door door = { .side = side };

	await_listener(side);
	racers_start(&door.racers, work, CONNECTORS);
	racers_end(&door.racers);
	meet(side, "connected");
}

void races_to_accept(struct side *side)
{
	(side->letter == 'a' ? accept_all : connect_all)(side);
}
