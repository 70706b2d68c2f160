/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pair.h"

#include <stdio.h>

struct xsock_options with_platform(const struct side *side, const struct xsock_options *options)
{
	struct xsock_options all = { 0 };

	if (options)
		all = *options;
	all.platform = side->ops->name;
	return all;
}

const char *address_of_peer(const struct side *side, const char *service)
{
	static _Thread_local char address[80];

	snprintf(address, sizeof address, "%u/%s", side->peer, service);
	return address;
}

/* Both sides count alike. */
static const char *next_word(void)
{
	static char word[24];
	static unsigned count;

	snprintf(word, sizeof word, "listening-%u", ++count);
	return word;
}

struct xsock *open_listener(struct side *side, const struct xsock_options *options)
{
	struct xsock_options all = with_platform(side, options);
	struct xsock *listener = xsock_listen(side->scenario, &all);

	CHECK_RESULT(listener ? 0 : -1, 0);
	say(side, next_word(), "%s", "yes");
	return listener;
}

void await_listener(struct side *side)
{
	char value[8];

	hear(side, next_word(), value, sizeof value);
}

struct xsock *try_connect(struct side *side, const struct xsock_options *options)
{
	struct xsock_options all = with_platform(side, options);

	return xsock_connect(address_of_peer(side, side->scenario), &all);
}

struct xsock *must_connect(struct side *side, const struct xsock_options *options)
{
	struct xsock *socket = try_connect(side, options);

	CHECK_RESULT(socket ? 0 : -1, 0);
	return socket;
}

struct xsock *must_accept(struct xsock *listener)
{
	struct xsock *socket = xsock_accept(listener, WAIT_LIMIT);

	CHECK_RESULT(socket ? 0 : -1, 0);
	return socket;
}

struct xsock *open_pair(struct side *side, const struct xsock_options *options)
{
	struct xsock *listener, *socket;

	if (side->letter == 'b') {
		await_listener(side);
		return must_connect(side, options);
	}
	listener = open_listener(side, options);
	socket = must_accept(listener);
	CHECK_RESULT(xsock_close(listener), 0);
	return socket;
}

void meet_over(struct xsock *socket)
{
	char byte = 'm';

	CHECK_RESULT(xsock_send(socket, &byte, 1, 0), 1);
	byte = 0;
	CHECK_RESULT(xsock_recv(socket, &byte, 1, 0), 1);
	CHECK(byte == 'm');
}
