/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ends that keep to the letter of the protocol, take what they can get and never give it back. */
#include "hostile.h"

#include <poll.h>

#define HELD 300 /* more than a listener's limit for one domain */
#define HOLD_MS 300

static void let_go(struct xsock **sockets, int count)
{
	while (count > 0)
		xsock_close(sockets[--count]);
}

/* Asks to have everything sent back and takes none of it: the server's sends come to a stand. */
void attack_never_reads(struct attacker *attacker)
{
	static const char block[16 * RING];
	struct xsock *sockets[32];
	int count = 0;

	while (count < 32 && (sockets[count] = attacker_connect(attacker)))
		count++;
	for (int round = 0; round < 20; round++) {
		for (int at = 0; at < count; at++)
			xsock_send(sockets[at], block, sizeof block, MSG_DONTWAIT);
		attacker_began();
		doze(HOLD_MS / 20);
	}
	let_go(sockets, count);
}

void attack_never_closes(struct attacker *attacker)
{
	struct xsock *sockets[HELD];
	int count = 0;

	while (count < HELD && (sockets[count] = attacker_connect(attacker)))
		count++;
	attacker_began();
	doze(HOLD_MS);
	/* Over the limit: refused again and again. */
	for (int at = 0; at < 50; at++)
		xsock_close(attacker_connect(attacker));
	let_go(sockets, count);
}

/* Begins, looks on for so many events, and leaves. */
void attack_leaves(struct attacker *attacker)
{
	struct xsock_options options = attacker->options;
	struct xsock_pollfd entry = { .events = POLLOUT };
	struct xsock *socket;

	options.flags |= XSOCK_NONBLOCK;
	socket = xsock_connect(attacker->address, &options);
	entry.socket = socket;
	for (unsigned step = 0; socket && step < attacker->round % 4; step++)
		xsock_poll(&entry, 1, step > 1 ? 1 : 0);
	attacker_began();
	xsock_close(socket);
}
