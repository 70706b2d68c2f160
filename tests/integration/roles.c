/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every pair of share roles: agreed on, or refused at both ends, and the listener lives on. */
#include "scenarios.h"

#include "pair.h"
#include "stream.h"

#include <errno.h>

static const enum xsock_role roles[] = { XSOCK_ROLE_AUTO, XSOCK_ROLE_GRANT, XSOCK_ROLE_MAP };

/* Domain 0 maps unless told otherwise. */
static enum xsock_role effective(enum xsock_role wish, unsigned domain)
{
	return wish == XSOCK_ROLE_AUTO && domain == 0 ? XSOCK_ROLE_MAP : wish;
}

/* The listener's role, or AUTO for a clash. */
static enum xsock_role expected(struct side *side, enum xsock_role wish_a, enum xsock_role wish_b)
{
	bool is_a = side->letter == 'a';
	enum xsock_role a = effective(wish_a, is_a ? side->self : side->peer);
	enum xsock_role b = effective(wish_b, is_a ? side->peer : side->self);

	if (a != XSOCK_ROLE_AUTO)
		return a == b ? XSOCK_ROLE_AUTO : a;
	return b == XSOCK_ROLE_GRANT ? XSOCK_ROLE_MAP : XSOCK_ROLE_GRANT;
}

static void use(struct xsock *socket, enum xsock_role role)
{
	CHECK_RESULT(info_of(socket).role, role);
	meet_over(socket);
	CHECK_RESULT(xsock_close(socket), 0);
}

static enum xsock_role other(enum xsock_role role)
{
	return role == XSOCK_ROLE_GRANT ? XSOCK_ROLE_MAP : XSOCK_ROLE_GRANT;
}

static void listen_as(struct side *side, enum xsock_role wish_a)
{
	struct xsock_options options = { .role = wish_a };
	struct xsock *listener = open_listener(side, &options);
	unsigned accepted = 0, refused = 0;

	for (int at = 0; at < 3; at++) {
		enum xsock_role role = expected(side, wish_a, roles[at]);

		if (role == XSOCK_ROLE_AUTO) {
			FAILS_TO_OPEN(xsock_accept(listener, WAIT_LIMIT), EOPNOTSUPP, "both ends");
			refused++;
		} else {
			use(must_accept(listener), role);
			accepted++;
		}
	}
	CHECK_RESULT(info_of(listener).accepted, accepted);
	CHECK_RESULT(info_of(listener).refused, refused);
	CHECK_RESULT(xsock_close(listener), 0);
}

static void connect_as(struct side *side, enum xsock_role wish_a)
{
	await_listener(side);
	for (int at = 0; at < 3; at++) {
		struct xsock_options options = { .role = roles[at] };
		enum xsock_role role = expected(side, wish_a, roles[at]);

		if (role == XSOCK_ROLE_AUTO)
			FAILS_TO_OPEN(try_connect(side, &options), EOPNOTSUPP, "both ends want");
		else
			use(must_connect(side, &options), other(role));
	}
}

void role_pairs(struct side *side)
{
	for (int at = 0; at < 3; at++)
		(side->letter == 'a' ? listen_as : connect_as)(side, roles[at]);
}
