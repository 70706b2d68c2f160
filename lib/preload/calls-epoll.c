/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Interposed: epoll. Registrations are noted, as they have to follow what stands at a number; who
 * waits helps. */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <sys/epoll.h>

#include "preload/asking.h"
#include "preload/helper.h"
#include "preload/meeting.h"
#include "preload/nudge.h"
#include "preload/preload.h"
#include "preload/public.h"
#include "preload/ready.h"
#include "preload/sets.h"
#include "preload/sharing.h"
#include "preload/table.h"
#include "preload/waiting.h"

/* Is any stream registered with EPOLLONESHOT? Then what was returned is looked through. */
static bool one_shots;

/* ------------------------------------------------------------------ registrations */

/* With the table's lock held. */
static int control(struct stream *stream, int epoll_fd, int operation, int fd,
		   struct epoll_event *event)
{
	struct registrations *registrations = &stream->registrations;
	bool out = registrations_is_out(registrations, epoll_fd, fd);
	int result = 0;

	if (out && operation == EPOLL_CTL_ADD) {
		errno = EEXIST;
		return -1;
	}
	if (!out)
		result = real.epoll_ctl(epoll_fd, operation, fd, event);
	else if (operation == EPOLL_CTL_MOD)
		result = real.epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, event);
	if (result != 0)
		return result;
	registrations_note(registrations, epoll_fd, operation, fd, event);
	if (operation != EPOLL_CTL_DEL) {
		sets_note(epoll_fd);
		if ((event->events & EPOLLONESHOT) != 0)
			__atomic_store_n(&one_shots, true, __ATOMIC_RELEASE);
	}
	return 0;
}

FOLLOWED int epoll_ctl_followed(int epoll_fd, int operation, int fd, struct epoll_event *event)
{
	struct stream *stream;
	int result;

	started();
	if (operation != EPOLL_CTL_DEL)
		way_to_wait(fd);
	stream = stream_use(fd);
	if (stream == NULL || (event == NULL && operation != EPOLL_CTL_DEL)) {
		if (stream != NULL)
			stream_done(stream);
		result = real.epoll_ctl(epoll_fd, operation, fd, event);
		/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): without an event that was EFAULT */
		if (result == 0 && operation != EPOLL_CTL_DEL && (event->events & EPOLLET) != 0)
			sets_nested(fd);
		return result;
	}
	table_lock();
	result = control(stream, epoll_fd, operation, fd, event);
	table_unlock();
	if (result == 0 && operation != EPOLL_CTL_DEL && (event->events & EPOLLET) != 0)
		ready_want_edges(stream);
	stream_done(stream);
	return result;
}

PUBLIC int epoll_ctl(int epoll_fd, int operation, int fd, struct epoll_event *event)
{
	return table_is_empty() ? real.epoll_ctl(epoll_fd, operation, fd, event)
				: epoll_ctl_followed(epoll_fd, operation, fd, event);
}

/* Also when nothing was followed as the wait began. Returns `count`. */
static int note_fired(int epoll_fd, const struct epoll_event *events, int count)
{
	if (__builtin_expect(!__atomic_load_n(&one_shots, __ATOMIC_ACQUIRE), 1) || count <= 0)
		return count;
	table_lock();
	for (int fd = 0; fd < table_end(); fd++) {
		struct stream *stream = table_get(fd);

		for (int at = 0; stream != NULL && at < count; at++)
			registrations_fired(&stream->registrations, epoll_fd, &events[at]);
	}
	table_unlock();
	return count;
}

/* ------------------------------------------------------------------ waiting */

static int time_left(bool limited, int64_t until)
{
	int64_t left = until - now_ms();

	if (!limited)
		return -1;
	if (left <= 0)
		return 0;
	return left < INT_MAX ? (int)left : INT_MAX;
}

/* 0 looks again. */
static int sleep_on(int epoll_fd, int timeout, const sigset_t *mask)
{
	struct timespec time;
	struct pollfd entries[1 + WAIT_ENTRIES_MAX] = { { .fd = epoll_fd, .events = POLLIN } };
	struct nudge nudge = nudge_enter();
	int ready, error;
	size_t count;

	/* After nudge_enter: of what another process does from now on there is a nudge. */
	if ((!sets_before_wait(epoll_fd) || nudge.fd < 0) &&
	    (timeout < 0 || timeout > SHARING_SLICE))
		timeout = SHARING_SLICE;
	time = (struct timespec){ .tv_sec = timeout / 1000, .tv_nsec = timeout % 1000 * 1000000L };
	count = 1 + wait_entries(&nudge, entries + 1);
	ready = real.ppoll(entries, count, timeout < 0 ? NULL : &time, mask);
	error = errno;
	nudge_leave(nudge);
	if (ready > 0 && (entries[1].revents | entries[2].revents) != 0)
		helper_work();
	errno = error;
	return ready < 0 ? -1 : 0;
}

/* 1 bytes have come, and show; 0 not; -1 with EINTR. */
static int ask_first(int epoll_fd)
{
	enum answer answer;
	struct asked asked;

	asked_set(&asked, epoll_fd);
	answer = ask(&asked);
	if (answer == ANSWER_BYTES)
		asked_show(&asked);
	asked_done(&asked);
	if (answer != ANSWER_INTERRUPTED)
		return answer == ANSWER_BYTES;
	errno = EINTR;
	return -1;
}

static int wait_carried(int epoll_fd, struct epoll_event *events, int most, int timeout,
			const sigset_t *mask)
{
	int64_t until = ms_from_now(timeout);
	bool last = false, asks = false;

	sets_before_wait(epoll_fd);
	for (;;) {
		int count = real.epoll_pwait(epoll_fd, events, most, 0, mask), left;

		if (count != 0 || last)
			return note_fired(epoll_fd, events, count);
		left = time_left(timeout >= 0, until);
		/* Not again right after: what came may have been another thread's. */
		asks = left != 0 && !asks && asking_is_due();
		if (asks) {
			int come = ask_first(epoll_fd);

			if (come < 0)
				return -1;
			if (come > 0)
				continue;
		}
		if (left != 0 && sleep_on(epoll_fd, left, mask) != 0)
			return -1;
		if (left == 0)
			helper_catch_up();
		last = left == 0;
	}
}

static bool is_ours_to_help(void)
{
	started();
	return streams_exist() && (helper_bell() >= 0 || sharing_is_possible());
}

FOLLOWED int epoll_wait_followed(int epoll_fd, struct epoll_event *events, int most, int timeout)
{
	if (is_ours_to_help())
		return wait_carried(epoll_fd, events, most, timeout, NULL);
	return note_fired(epoll_fd, events, real.epoll_wait(epoll_fd, events, most, timeout));
}

PUBLIC int epoll_wait(int epoll_fd, struct epoll_event *events, int most, int timeout)
{
	if (!table_is_empty())
		return epoll_wait_followed(epoll_fd, events, most, timeout);
	return note_fired(epoll_fd, events, real.epoll_wait(epoll_fd, events, most, timeout));
}

FOLLOWED int epoll_pwait_followed(int epoll_fd, struct epoll_event *events, int most, int timeout,
				  const sigset_t *mask)
{
	if (is_ours_to_help())
		return wait_carried(epoll_fd, events, most, timeout, mask);
	return note_fired(epoll_fd, events,
			  real.epoll_pwait(epoll_fd, events, most, timeout, mask));
}

PUBLIC int epoll_pwait(int epoll_fd, struct epoll_event *events, int most, int timeout,
		       const sigset_t *mask)
{
	if (!table_is_empty())
		return epoll_pwait_followed(epoll_fd, events, most, timeout, mask);
	return note_fired(epoll_fd, events,
			  real.epoll_pwait(epoll_fd, events, most, timeout, mask));
}

FOLLOWED int epoll_pwait2_followed(int epoll_fd, struct epoll_event *events, int most,
				   const struct timespec *time, const sigset_t *mask)
{
	int64_t timeout = -1;

	if (time != NULL)
		timeout = time->tv_sec * 1000 + (time->tv_nsec + 999999) / 1000000;
	if (is_ours_to_help())
		return wait_carried(epoll_fd, events, most,
				    timeout < INT_MAX ? (int)timeout : INT_MAX, mask);
	return note_fired(epoll_fd, events, real.epoll_pwait2(epoll_fd, events, most, time, mask));
}

PUBLIC int epoll_pwait2(int epoll_fd, struct epoll_event *events, int most,
			const struct timespec *time, const sigset_t *mask)
{
	if (!table_is_empty())
		return epoll_pwait2_followed(epoll_fd, events, most, time, mask);
	return note_fired(epoll_fd, events, real.epoll_pwait2(epoll_fd, events, most, time, mask));
}
