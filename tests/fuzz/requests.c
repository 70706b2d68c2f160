/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A listener and those who connect to it, with nodes that others write, fill and remove, at any
 * moment: announcements, requests, answers, the domains' signs of life. */
#include "target.h"

#include <errno.h>
#include <poll.h>

#include "world/input.h"
#include "world/lies.h"
#include "world/platform.h"
#include "world/world.h"
#include "xsock/xsock.h"

#define CONNECTORS 6
#define ACCEPTED 12
#define STEPS_MOST 200
#define TIME_LIMIT 20 /* ms */

static struct xsock *listener, *connectors[CONNECTORS], *accepted[ACCEPTED];

static struct xsock_options options_from_input(enum side side)
{
	uint8_t bits = input_byte();
	struct xsock_options options = {
		.role = (enum xsock_role)(bits % 4 % 3),
		.direction = (enum xsock_direction)(bits / 4 % 8 % 5),
		.flags = XSOCK_NONBLOCK | XSOCK_NOSPIN | (bits & 32 ? XSOCK_AWAIT : 0),
		.connect_timeout = bits & 64 ? TIME_LIMIT : 0,
		.platform = side == SIDE_A ? "a" : "b",
		.backlog = bits & 128 ? 2 : 0,
	};

	bits = input_byte();
	options.send_ring = bits & 1 ? 4096u << bits / 16 : 0;
	options.ring_start = bits & 2 ? 4096u << bits / 32 : 0;
	options.max_domain_bytes = bits & 4 ? 65536 : 0;
	options.max_ring = bits & 8 ? 65536 : 0;
	return options;
}

static void listen_once(void)
{
	static const unsigned allowed[] = { DOMAIN_B, 7 };
	struct xsock_options options = options_from_input(SIDE_A);

	if (listener != NULL)
		return;
	if (input_below(2) == 1) {
		options.allow = allowed;
		options.allow_count = 2;
	}
	options.flags &= ~XSOCK_AWAIT;
	listener = xsock_listen("x", &options);
}

static void connect_one(struct xsock **place)
{
	struct xsock_options options = options_from_input(SIDE_B);

	/* One that waits does so for its own limit. */
	if (input_below(4) == 1) {
		options.flags &= ~XSOCK_NONBLOCK;
		options.connect_timeout = TIME_LIMIT;
	}
	if (*place == NULL)
		*place = xsock_connect("1/x", &options);
	else
		xsock_connect_finish(*place);
}

static void accept_one(void)
{
	for (int at = 0; at < ACCEPTED; at++)
		if (accepted[at] == NULL) {
			accepted[at] = xsock_accept(listener, TIME_LIMIT);
			return;
		}
}

static void poll_all(void)
{
	struct xsock_pollfd entries[1 + CONNECTORS] = { { .socket = listener, .events = POLLIN } };

	for (int at = 0; at < CONNECTORS; at++)
		entries[1 + at] =
			(struct xsock_pollfd){ .socket = connectors[at], .events = POLLOUT };
	xsock_poll(entries, 1 + CONNECTORS, input_below(2) * TIME_LIMIT);
}

static void close_at(struct xsock **place)
{
	xsock_close(*place);
	*place = NULL;
}

static void use(struct xsock *socket)
{
	struct xsock_info info;
	char bytes[100] = "";

	if (socket == NULL)
		return;
	if (input_below(2) == 0)
		xsock_send(socket, bytes, sizeof bytes, MSG_DONTWAIT);
	else
		xsock_recv(socket, bytes, sizeof bytes, MSG_DONTWAIT);
	EXPECT(xsock_get_info(socket, &info, sizeof info) == 0);
	/* As XenStore vouches for it, unless that lies. */
	EXPECT(info.peer_domain == DOMAIN_A || info.peer_domain == DOMAIN_B || lies_told());
}

static void step(uint8_t code)
{
	struct xsock **connector = &connectors[code / 8 % CONNECTORS];
	struct xsock **taken = &accepted[code / 8 % ACCEPTED];

	switch (code % 8) {
	case 0:
		listen_once();
		break;
	case 1:
		connect_one(connector);
		break;
	case 2:
		accept_one();
		break;
	case 3:
		poll_all();
		break;
	case 4:
		use(code & 64 ? *taken : *connector);
		break;
	case 5:
		close_at(code & 64 ? taken : connector);
		break;
	case 6:
		world_pause((int64_t)input_byte() * 50000000);
		break;
	default:
		if (listener != NULL && code & 128)
			xsock_fd(listener);
		else if (listener != NULL && code & 64)
			close_at(&listener);
		else if (*connector != NULL)
			xsock_fd(*connector);
	}
}

static void close_all(void)
{
	world_call(TIME_LIMIT);
	close_at(&listener);
	for (int at = 0; at < CONNECTORS; at++)
		close_at(&connectors[at]);
	for (int at = 0; at < ACCEPTED; at++)
		close_at(&accepted[at]);
	world_called();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	world_begin(data, size);
	for (int made = 0; made < STEPS_MOST && !input_is_empty(); made++) {
		world_call(TIME_LIMIT);
		step(input_byte());
		world_called();
	}
	close_all();
	world_end();
	return 0;
}
