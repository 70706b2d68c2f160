/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Interposed: poll and select. The bell at each descriptor would show them all they need; but who
 * waits also watches what would wake the library's thread, and does its work: one change of threads
 * less for each wake-up.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>

#include "preload/asking.h"
#include "preload/helper.h"
#include "preload/meeting.h"
#include "preload/nudge.h"
#include "preload/preload.h"
#include "preload/public.h"
#include "preload/sets.h"
#include "preload/sharing.h"
#include "preload/table.h"
#include "preload/waiting.h"

#define ENTRIES_ON_STACK 64
/* While numbers go back and forth. */
#define LOOKS_MAX 100

/* ------------------------------------------------------------------ time */

struct limit {
	bool none;
	struct timespec at;
};

static struct limit limit_in(const struct timespec *time)
{
	struct limit limit = { .none = time == NULL };

	if (limit.none)
		return limit;
	clock_gettime(CLOCK_MONOTONIC, &limit.at);
	limit.at.tv_sec += time->tv_sec;
	limit.at.tv_nsec += time->tv_nsec;
	if (limit.at.tv_nsec >= 1000000000L) {
		limit.at.tv_nsec -= 1000000000L;
		limit.at.tv_sec++;
	}
	return limit;
}

/* NULL: no limit. */
static struct timespec *limit_left(const struct limit *limit, struct timespec *left)
{
	struct timespec now;

	if (limit->none)
		return NULL;
	clock_gettime(CLOCK_MONOTONIC, &now);
	left->tv_sec = limit->at.tv_sec - now.tv_sec;
	left->tv_nsec = limit->at.tv_nsec - now.tv_nsec;
	if (left->tv_nsec < 0) {
		left->tv_nsec += 1000000000L;
		left->tv_sec--;
	}
	if (left->tv_sec < 0)
		*left = (struct timespec){ 0 };
	return left;
}

/* ------------------------------------------------------------------ poll */

static bool any_set_matters(const struct pollfd *entries, size_t count)
{
	for (size_t at = 0; at < count; at++)
		if (sets_matter(entries[at].fd))
			return true;
	return false;
}

/* Begins meetings. Has any of the descriptors to do with a ring? */
static bool look_at(const struct pollfd *entries, size_t count)
{
	bool carried = false;

	for (size_t at = 0; at < count; at++) {
		if (table_get(entries[at].fd) == NULL)
			continue;
		way_to_wait(entries[at].fd);
		carried = carried || table_get(entries[at].fd) != NULL;
	}
	return carried || (sharing_is_possible() && any_set_matters(entries, count));
}

/* Those that other processes have, too. False: one of those did not answer. */
static bool look_at_shared(const struct pollfd *entries, size_t count)
{
	bool answered = true;

	for (size_t at = 0; sharing_is_possible() && at < count; at++) {
		struct stream *stream = stream_use(entries[at].fd);

		if (stream == NULL) {
			answered = sets_before_wait(entries[at].fd) && answered;
			continue;
		}
		if (stream->shared)
			answered = sharing_before_wait(stream) && answered;
		stream_done(stream);
	}
	return answered;
}

static bool is_longer(const struct timespec *time, const struct timespec *than)
{
	if (time == NULL)
		return true;
	return time->tv_sec > than->tv_sec ||
	       (time->tv_sec == than->tv_sec && time->tv_nsec > than->tv_nsec);
}

static bool any_fired(const struct pollfd *entries, size_t from, size_t to)
{
	for (size_t at = from; at < to; at++)
		if (entries[at].revents != 0)
			return true;
	return false;
}

static int copy_back(struct pollfd *entries, const struct pollfd *all, size_t count)
{
	int ready = 0;

	for (size_t at = 0; at < count; at++) {
		entries[at].revents = all[at].revents;
		ready += all[at].revents != 0;
	}
	return ready;
}

/* *fired: what was seen may be out of date: done work shows by now, and what stood at a number said
 * good-bye as it was exchanged. */
static int poll_once(struct pollfd *entries, size_t count, struct pollfd *all,
		     const struct timespec *time, const sigset_t *mask, bool *fired)
{
	static const struct timespec slice = { .tv_nsec = SHARING_SLICE * 1000000L };
	struct nudge nudge = nudge_enter();
	int ready, error;
	size_t end;

	memcpy(all, entries, count * sizeof *entries);
	/* After nudge_enter: of what another process does from now on there is a nudge. */
	if ((!look_at_shared(entries, count) || nudge.fd < 0) && is_longer(time, &slice))
		time = &slice;
	end = count + wait_entries(&nudge, all + count);
	ready = real.ppoll(all, end, time, mask);
	error = errno;
	nudge_leave(nudge);
	*fired = ready > 0 && any_fired(all, count, end);
	if (*fired)
		helper_work();
	errno = error;
	return ready;
}

/* -1 with EINTR, or 0. */
static int ask_first(const struct pollfd *entries, size_t count)
{
	enum answer answer;
	struct asked asked;

	asked_entries(&asked, entries, count);
	answer = ask(&asked);
	if (answer == ANSWER_BYTES)
		asked_show(&asked);
	asked_done(&asked);
	if (answer == ANSWER_INTERRUPTED)
		errno = EINTR;
	return answer == ANSWER_INTERRUPTED ? -1 : 0;
}

static bool is_over(const struct timespec *left)
{
	return left != NULL && left->tv_sec == 0 && left->tv_nsec == 0;
}

/* `all` has room for the entries and those that are added. */
static int poll_carried(struct pollfd *entries, size_t count, struct pollfd *all,
			const struct limit *limit, const sigset_t *mask)
{
	static const struct timespec at_once;
	bool asks = false;

	for (;;) {
		struct timespec left, *until = limit_left(limit, &left);
		bool fired;
		int ready;

		/* Not again right after: what came may have been another thread's. */
		asks = !is_over(until) && !asks && asking_is_due();
		ready = poll_once(entries, count, all, asks ? &at_once : until, mask, &fired);
		for (int look = 0; fired && look < LOOKS_MAX; look++)
			ready = poll_once(entries, count, all, &at_once, mask, &fired);
		if (ready < 0)
			return ready;
		ready = copy_back(entries, all, count);
		if (ready > 0 || is_over(until))
			return ready;
		if (asks && ask_first(entries, count) != 0)
			return -1;
	}
}

static int poll_any(struct pollfd *entries, size_t count, const struct timespec *time,
		    const sigset_t *mask)
{
	struct pollfd on_stack[ENTRIES_ON_STACK + WAIT_ENTRIES_MAX], *all = on_stack;
	struct limit limit = limit_in(time);
	int ready;

	if (count > ENTRIES_ON_STACK)
		all = malloc((count + WAIT_ENTRIES_MAX) * sizeof *all);
	if (all == NULL) {
		errno = ENOMEM;
		return -1;
	}
	/* Without a wait: what has happened shows, though the thread that is about to show it does
	 * not run. */
	if (time != NULL && time->tv_sec == 0 && time->tv_nsec == 0)
		helper_catch_up();
	ready = poll_carried(entries, count, all, &limit, mask);
	if (all != on_stack) {
		int error = errno;

		free(all);
		errno = error;
	}
	return ready;
}

FOLLOWED int poll_followed(struct pollfd *entries, nfds_t count, int timeout)
{
	struct timespec time = { .tv_sec = timeout / 1000, .tv_nsec = timeout % 1000 * 1000000L };

	started();
	if (!streams_exist() || entries == NULL || !look_at(entries, count))
		return real.poll(entries, count, timeout);
	return poll_any(entries, count, timeout < 0 ? NULL : &time, NULL);
}

PUBLIC int poll(struct pollfd *entries, nfds_t count, int timeout)
{
	return table_is_empty() ? real.poll(entries, count, timeout)
				: poll_followed(entries, count, timeout);
}

FOLLOWED int ppoll_followed(struct pollfd *entries, nfds_t count, const struct timespec *time,
			    const sigset_t *mask)
{
	started();
	if (!streams_exist() || entries == NULL || !look_at(entries, count))
		return real.ppoll(entries, count, time, mask);
	return poll_any(entries, count, time, mask);
}

PUBLIC int ppoll(struct pollfd *entries, nfds_t count, const struct timespec *time,
		 const sigset_t *mask)
{
	return table_is_empty() ? real.ppoll(entries, count, time, mask)
				: ppoll_followed(entries, count, time, mask);
}

int __poll_chk(struct pollfd *entries, nfds_t count, int timeout, size_t size);
int __ppoll_chk(struct pollfd *entries, nfds_t count, const struct timespec *time,
		const sigset_t *mask, size_t size);
void __chk_fail(void) __attribute__((noreturn));

PUBLIC int __poll_chk(struct pollfd *entries, nfds_t count, int timeout, size_t size)
{
	if (size / sizeof *entries < count)
		__chk_fail();
	return poll(entries, count, timeout);
}

PUBLIC int __ppoll_chk(struct pollfd *entries, nfds_t count, const struct timespec *time,
		       const sigset_t *mask, size_t size)
{
	if (size / sizeof *entries < count)
		__chk_fail();
	return ppoll(entries, count, time, mask);
}

/* ------------------------------------------------------------------ select */

/* As the kernel maps them, fs/select.c. */
#define SET_READ (POLLRDNORM | POLLRDBAND | POLLIN | POLLHUP | POLLERR)
#define SET_WRITE (POLLWRBAND | POLLWRNORM | POLLOUT | POLLERR)
#define SET_EXCEPT POLLPRI

static bool is_in(const fd_set *set, int fd)
{
	/* Not FD_ISSET: fortified, it ends programs which use larger sets of their own. */
	return set != NULL && (((const long *)(const void *)set)[fd / (int)(8 * sizeof(long))] >>
				       (fd % (int)(8 * sizeof(long))) &
			       1) != 0;
}

static void take_out(fd_set *set, int fd)
{
	((long *)(void *)set)[fd / (int)(8 * sizeof(long))] &=
		~(1L << (fd % (int)(8 * sizeof(long))));
}

static bool any_carried(int end, const fd_set *in, const fd_set *out, const fd_set *except)
{
	bool carried = false;

	for (int fd = 0; fd < end; fd++) {
		if (!(is_in(in, fd) || is_in(out, fd) || is_in(except, fd)))
			continue;
		if (table_get(fd) != NULL)
			way_to_wait(fd);
		carried = carried || table_get(fd) != NULL || sets_matter(fd);
	}
	return carried;
}

static size_t fill_entries(struct pollfd *entries, int end, const fd_set *in, const fd_set *out,
			   const fd_set *except)
{
	size_t count = 0;

	for (int fd = 0; fd < end; fd++) {
		short events = 0;

		if (is_in(in, fd))
			events |= POLLIN | POLLRDNORM | POLLRDBAND;
		if (is_in(out, fd))
			events |= POLLOUT | POLLWRNORM | POLLWRBAND;
		if (is_in(except, fd))
			events |= POLLPRI;
		if (events != 0)
			entries[count++] = (struct pollfd){ .fd = fd, .events = events };
	}
	return count;
}

static int keep_ready(fd_set *set, const struct pollfd *entry, short asked, short ready)
{
	if (set == NULL || (entry->events & asked) == 0)
		return 0;
	if ((entry->revents & ready) != 0)
		return 1;
	take_out(set, entry->fd);
	return 0;
}

static int ready_sets(const struct pollfd *entries, size_t count, fd_set *in, fd_set *out,
		      fd_set *except)
{
	int ready = 0;

	for (size_t at = 0; at < count; at++)
		if ((entries[at].revents & POLLNVAL) != 0) {
			errno = EBADF;
			return -1;
		}
	for (size_t at = 0; at < count; at++) {
		ready += keep_ready(in, &entries[at], POLLIN, SET_READ);
		ready += keep_ready(out, &entries[at], POLLOUT, SET_WRITE);
		ready += keep_ready(except, &entries[at], POLLPRI, SET_EXCEPT);
	}
	return ready;
}

static int select_carried(int end, fd_set *in, fd_set *out, fd_set *except,
			  const struct timespec *time, const sigset_t *mask)
{
	struct pollfd *entries = malloc((size_t)(end > 0 ? end : 1) * sizeof *entries);
	size_t count;
	int ready, error;

	if (entries == NULL) {
		errno = ENOMEM;
		return -1;
	}
	count = fill_entries(entries, end, in, out, except);
	ready = poll_any(entries, count, time, mask);
	if (ready >= 0)
		ready = ready_sets(entries, count, in, out, except);
	error = errno;
	free(entries);
	errno = error;
	return ready;
}

FOLLOWED int select_followed(int end, fd_set *in, fd_set *out, fd_set *except, struct timeval *time)
{
	struct timespec limit, left = { 0 };
	struct limit until;
	int ready;

	started();
	if (!streams_exist() || !any_carried(end, in, out, except) ||
	    (time != NULL && (time->tv_sec < 0 || time->tv_usec < 0)))
		return real.select(end, in, out, except, time);
	if (time == NULL)
		return select_carried(end, in, out, except, NULL, NULL);
	limit = (struct timespec){ .tv_sec = time->tv_sec + time->tv_usec / 1000000,
				   .tv_nsec = time->tv_usec % 1000000 * 1000L };
	until = limit_in(&limit);
	ready = select_carried(end, in, out, except, &limit, NULL);
	/* As Linux does: what is left of it. */
	limit_left(&until, &left);
	time->tv_sec = left.tv_sec;
	time->tv_usec = left.tv_nsec / 1000;
	return ready;
}

PUBLIC int select(int end, fd_set *in, fd_set *out, fd_set *except, struct timeval *time)
{
	return table_is_empty() ? real.select(end, in, out, except, time)
				: select_followed(end, in, out, except, time);
}

FOLLOWED int pselect_followed(int end, fd_set *in, fd_set *out, fd_set *except,
			      const struct timespec *time, const sigset_t *mask)
{
	started();
	if (!streams_exist() || !any_carried(end, in, out, except))
		return real.pselect(end, in, out, except, time, mask);
	return select_carried(end, in, out, except, time, mask);
}

PUBLIC int pselect(int end, fd_set *in, fd_set *out, fd_set *except, const struct timespec *time,
		   const sigset_t *mask)
{
	return table_is_empty() ? real.pselect(end, in, out, except, time, mask)
				: pselect_followed(end, in, out, except, time, mask);
}
