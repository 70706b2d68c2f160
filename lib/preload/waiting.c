/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "preload/waiting.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/time.h>

#include "preload/asking.h"
#include "preload/helper.h"
#include "preload/leftover.h"
#include "preload/meeting.h"
#include "preload/nudge.h"
#include "preload/real.h"
#include "preload/settings.h"
#include "preload/sharing.h"
#include "preload/signals.h"
#include "preload/stream.h"

/* Between two looks of who wants more than there is: no descriptor tells of that. */
#define MORE_INTERVAL 5
/* What is shown as ready, and is not, puts a limit off by so much: a peer can show things, and take
 * them away before they are looked at. */
#define LATE_MOST 100

int64_t wait_limit(const struct stream *stream, int fd, int option)
{
	struct timeval limit = { 0 };
	socklen_t length = sizeof limit;

	if (real.getsockopt(stream_tcp(stream, fd), SOL_SOCKET, option, &limit, &length) != 0 ||
	    (limit.tv_sec == 0 && limit.tv_usec == 0))
		return NO_LIMIT;
	return ms_from_now((int64_t)limit.tv_sec * 1000 + (limit.tv_usec + 999) / 1000);
}

bool wait_allowed(const struct stream *stream, int fd, int flags)
{
	return (flags & MSG_DONTWAIT) == 0 &&
	       (real.fcntl(stream_tcp(stream, fd), F_GETFL) & O_NONBLOCK) == 0;
}

int wait_time(int64_t until)
{
	int64_t left;

	if (until == NO_LIMIT)
		return -1;
	left = until - now_ms();
	if (left <= 0)
		return 0;
	return left < INT_MAX ? (int)left : INT_MAX;
}

size_t wait_entries(const struct nudge *nudge, struct pollfd entries[WAIT_ENTRIES_MAX])
{
	entries[0] = (struct pollfd){ .fd = nudge->fd, .events = POLLIN };
	entries[1] = (struct pollfd){ .fd = helper_bell(), .events = POLLIN };
	return WAIT_ENTRIES_MAX;
}

/* Of another process. */
static bool is_news(const struct stream *stream, short events)
{
	return sharing_is_elsewhere(stream) ||
	       ((events & POLLIN) != 0 && stream->parked < 0 && leftover_size(stream->record) > 0);
}

/* Who cannot be nudged looks again from time to time. */
static int time_to_sleep(const struct nudge *nudge, int time)
{
	return nudge->fd >= 0 || (time >= 0 && time < SHARING_SLICE) ? time : SHARING_SLICE;
}

/* `stream` may be NULL. */
static int poll_with(const struct stream *stream, struct pollfd *own, int64_t until)
{
	struct pollfd entries[1 + WAIT_ENTRIES_MAX] = { *own };
	struct nudge nudge = nudge_enter();
	int ready = 1, error;
	size_t count;

	if (stream != NULL)
		sharing_listen(stream);
	count = 1 + wait_entries(&nudge, entries + 1);
	/* After nudge_enter: of what another process does from now on there is a nudge. */
	if (stream == NULL || !is_news(stream, own->events))
		ready = real.poll(entries, count, time_to_sleep(&nudge, wait_time(until)));
	error = errno;
	nudge_leave(nudge);
	errno = error;
	return ready;
}

/* `limited`: by the program; then a handler ends the wait whatever SA_RESTART says, signal(7). */
static int wait_on(const struct stream *stream, struct pollfd *own, int64_t until, bool limited)
{
	int ready;

	signals_wait_begins();
	ready = poll_with(stream, own, until);
	if (ready < 0 && errno == EINTR && !signals_interrupted() && !limited)
		return 0;
	if (ready < 0)
		return -1;
	if (until != NO_LIMIT && now_ms() >= until + (ready > 0 ? LATE_MOST : 0)) {
		errno = EAGAIN;
		return -1;
	}
	helper_work();
	return 0;
}

/* A bell that stands without a ring is ready for everything. */
int wait_for(const struct stream *stream, int fd, short events, int64_t until)
{
	struct pollfd own = { .fd = fd, .events = events };

	if (stream_stage(stream) != STAGE_RING)
		own.fd = stream_tcp(stream, fd);
	return wait_on(stream, &own, until, until != NO_LIMIT);
}

int wait_asking(struct stream *stream, int64_t until)
{
	enum answer answer;
	struct asked asked;

	if (!asking_is_due())
		return 0;
	signals_wait_begins();
	asked_stream(&asked, stream);
	answer = ask(&asked);
	asked_done(&asked);
	/* As wait_on has it. */
	if (answer == ANSWER_INTERRUPTED && (signals_interrupted() || until != NO_LIMIT)) {
		errno = EINTR;
		return -1;
	}
	return answer == ANSWER_BYTES;
}

int wait_for_more(int64_t until)
{
	struct pollfd none = { .fd = -1 };
	int64_t soon = now_ms() + MORE_INTERVAL;
	bool slice = until == NO_LIMIT || soon < until;

	if (wait_on(NULL, &none, slice ? soon : until, until != NO_LIMIT) == 0)
		return 0;
	return errno == EAGAIN && slice ? 0 : -1;
}

bool wait_for_ring(struct stream *stream)
{
	int64_t until = now_ms() + settings.wait;
	struct pollfd none = { .fd = -1 };

	/* Once is enough. */
	if (settings.wait == 0 || stream->waited)
		return settings.wait == 0 || !settings.strict;
	while (stage_meets(stream_stage(stream)) && now_ms() < until) {
		poll_with(NULL, &none, until);
		helper_work();
	}
	stream->waited = true;
	return !settings.strict || stream->had_ring;
}
