/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an actor says, and what it checks of bytes itself. */
#include "actor.h"

#include "common/stream.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

void outcome(struct reply *reply, int64_t result)
{
	reply->error = result < 0 ? errno : 0;
	reply->result = result;
}

void say(struct reply *reply, const char *format, ...)
{
	size_t length = strlen(reply->text);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(reply->text + length, sizeof reply->text - length, format, arguments);
	va_end(arguments);
}

void outcome_descriptor(struct reply *reply, int fd)
{
	outcome(reply, fd < 0 ? -1 : 0);
	if (fd < 0)
		return;
	/* The library's new ones have the lowest for a moment, so which is not compared. */
	if (fd < FROM_HUNDRED)
		say(reply, " low");
	else if (fd >= FROM_HUNDRED && fd < FROM_HUNDRED + ALL_SLOTS)
		say(reply, " from %d on", FROM_HUNDRED);
	else if (fd >= FROM_HIGH && fd < FROM_HIGH + ALL_SLOTS)
		say(reply, " from %d on", FROM_HIGH);
	else
		say(reply, " descriptor %d", fd);
}

void fill_buffer(const struct actor *actor, const struct request *request, uint64_t position,
		 size_t length)
{
	stream_fill(request->key, position, actor->buffer, length);
}

void wipe_buffer(const struct actor *actor, size_t length)
{
	memset(actor->buffer, UNTOUCHED, length + MARGIN);
}

void check_bytes(const struct actor *actor, const struct request *request, struct reply *reply,
		 uint64_t position, size_t length)
{
	int64_t wrong = stream_differs(request->key, position, actor->buffer, length);

	if (wrong >= 0)
		say(reply, " !! wrong byte at %lld of %zu (position %llu)", (long long)wrong,
		    length, (unsigned long long)position + (unsigned long long)wrong);
	for (size_t at = length; at < length + MARGIN; at++) {
		if (actor->buffer[at] != UNTOUCHED) {
			say(reply, " !! written behind the end at %zu of %zu", at, length);
			return;
		}
	}
}

void say_events(struct reply *reply, const char *name, unsigned events)
{
	static const struct {
		unsigned bit;
		const char *name;
	} bits[] = { { EPOLLIN, "IN" },         { EPOLLPRI, "PRI" },
		     { EPOLLOUT, "OUT" },       { EPOLLERR, "ERR" },
		     { EPOLLHUP, "HUP" },       { EPOLLRDNORM, "RDNORM" },
		     { EPOLLRDBAND, "RDBAND" }, { EPOLLWRNORM, "WRNORM" },
		     { EPOLLWRBAND, "WRBAND" }, { EPOLLRDHUP, "RDHUP" },
		     { 0x20, "NVAL" } };
	const char *between = "";

	say(reply, " %s:", name);
	for (size_t at = 0; at < sizeof bits / sizeof bits[0]; at++) {
		if (!(events & bits[at].bit))
			continue;
		say(reply, "%s%s", between, bits[at].name);
		between = "|";
		events &= ~bits[at].bit;
	}
	if (events)
		say(reply, "%s%#x", between, events);
}
