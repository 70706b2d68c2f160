/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the preload library's ways on to the ring and back have around them, without threads,
 * signals and descriptors. */
#include <poll.h>

#include "preload/bell.h"
#include "preload/helper.h"
#include "preload/nudge.h"
#include "preload/numbers.h"
#include "preload/ready.h"
#include "preload/real.h"
#include "preload/signals.h"
#include "preload/stream.h"
#include "tcp.h"

static void show(const struct bell *bell)
{
	tcp_set_bell((short)((bell->readable || bell->ended ? POLLIN : 0) |
			     (bell->ended ? POLLRDHUP : 0) | (bell->full ? 0 : POLLOUT)));
}

void bell_none(struct bell *bell)
{
	*bell = (struct bell){ .stand = -1, .driver = -1 };
}

bool bell_make(struct bell *bell)
{
	*bell = (struct bell){ .stand = BELL_STAND, .driver = BELL_DRIVER };
	show(bell);
	return true;
}

void bell_close(struct bell *bell)
{
	bell_none(bell);
}

void bell_set_readable(struct bell *bell, bool readable)
{
	bell->readable = readable;
	show(bell);
}

void bell_ring_again(struct bell *bell)
{
	show(bell);
}

void bell_set_writable(struct bell *bell, bool writable)
{
	bell->full = !writable;
	show(bell);
}

void bell_end(struct bell *bell)
{
	bell->ended = true;
	show(bell);
}

int number_duplicate(int fd)
{
	(void)fd;
	return TCP_PARKED;
}

int number_raise(int fd)
{
	return fd;
}

void number_close(int fd)
{
	(void)fd;
}

void number_replace(int fd, int number, int flags)
{
	real.dup3(fd, number, flags);
}

void helper_queue(struct stream *stream)
{
	(void)stream;
}

bool helper_start(void)
{
	return true;
}

bool helper_watch_meeting(struct stream *stream)
{
	(void)stream;
	return true;
}

bool helper_watch_greeted(struct stream *stream)
{
	(void)stream;
	return true;
}

bool helper_watch_ring(struct stream *stream)
{
	(void)stream;
	return true;
}

void helper_look_at(int64_t when)
{
	(void)when;
}

void helper_unwatch(int fd)
{
	(void)fd;
}

void helper_count_meetings(int change)
{
	(void)change;
}

void helper_ask_for_space(struct stream *stream, bool ask)
{
	(void)stream, (void)ask;
}

int helper_bell(void)
{
	return -1;
}

/* Of the one connection that there is. */
bool helper_work(void)
{
	struct stream *stream = stream_use(TCP_NUMBER);

	if (stream == NULL)
		return false;
	ready_update(stream, true);
	stream_done(stream);
	return true;
}

void helper_summon(void)
{
}

struct nudge nudge_enter(void)
{
	return (struct nudge){ .fd = -1 };
}

void nudge_leave(struct nudge nudge)
{
	(void)nudge;
}

void nudge_everybody(void)
{
}

void signals_hold(void)
{
}

void signals_release(void)
{
}

bool signals_are_deferred(void)
{
	return false;
}

void signals_wait_begins(void)
{
}

bool signals_interrupted(void)
{
	return false;
}
