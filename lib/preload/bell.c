/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "preload/bell.h"

#include <sys/socket.h>
#include <unistd.h>

#include "preload/numbers.h"
#include "preload/real.h"

/* With the smallest send buffer, one write of this size makes a UNIX socket not writable. */
#define FILLING 1024

/* One by one: some look at `readable` and `over` meanwhile. */
void bell_none(struct bell *bell)
{
	bell->stand = -1;
	bell->driver = -1;
	bell->readable = false;
	bell->full = false;
	bell->ended = false;
	bell->over = false;
}

bool bell_make(struct bell *bell)
{
	int pair[2], least = 1;

	bell_none(bell);
	if (real.socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return false;
	bell->stand = number_raise(pair[0]);
	bell->driver = number_raise(pair[1]);
	if (setsockopt(bell->stand, SOL_SOCKET, SO_SNDBUF, &least, sizeof least) == 0)
		return true;
	bell_close(bell);
	return false;
}

void bell_close(struct bell *bell)
{
	if (bell->stand >= 0)
		number_close(bell->stand);
	if (bell->driver >= 0)
		number_close(bell->driver);
	bell_none(bell);
}

static void drain(int fd)
{
	char bytes[2 * FILLING];

	real.recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
}

void bell_set_readable(struct bell *bell, bool readable)
{
	if (bell->readable == readable)
		return;
	bell->readable = readable;
	if (bell->ended)
		return;
	if (readable)
		real.send(bell->driver, "", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
	else
		drain(bell->stand);
}

void bell_ring_again(struct bell *bell)
{
	char byte;

	if (!bell->readable || bell->ended)
		return;
	/* One more before one less: who looks in between must not find it empty. */
	real.send(bell->driver, "", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
	real.recv(bell->stand, &byte, 1, MSG_DONTWAIT);
}

void bell_set_writable(struct bell *bell, bool writable)
{
	char filling[FILLING] = { 0 };

	if (bell->full == !writable)
		return;
	bell->full = !writable;
	if (writable)
		drain(bell->driver);
	else
		real.send(bell->stand, filling, sizeof filling, MSG_DONTWAIT | MSG_NOSIGNAL);
}

void bell_end(struct bell *bell)
{
	bell->ended = true;
	real.shutdown(bell->driver, SHUT_WR);
}
