/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "preload/streams.h"

#include <fcntl.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <stdlib.h>
#include <unistd.h>

#include "preload/helper.h"
#include "preload/leftover.h"
#include "preload/linger.h"
#include "preload/meeting.h"
#include "preload/nudge.h"
#include "preload/position.h"
#include "preload/ready.h"
#include "preload/real.h"
#include "preload/report.h"
#include "preload/ring.h"
#include "preload/sets.h"
#include "preload/sharing.h"
#include "preload/signals.h"
#include "preload/stream.h"
#include "preload/table.h"
#include "preload/transfer.h"

#define STASH_LIMIT 5000 /* ms */
#define STASH_SLICE 50
#define RETURN_LIMIT 1000

/* Calls `act` with each stream once or more, a use held. */
static void each(void (*act)(struct stream *stream))
{
	for (int fd = 0; streams_exist() && fd < table_end(); fd++) {
		struct stream *stream = stream_use(fd);

		if (stream == NULL)
			continue;
		act(stream);
		stream_done(stream);
	}
}

static void leave_soon(struct stream *stream, const char *why)
{
	bool meets = stream_stage(stream) == STAGE_QUEUED || stream_stage(stream) == STAGE_MEETING;

	if (meets && why != NULL)
		meeting_call_off(stream, why);
	else if (meets)
		meeting_give_up(stream, "closed before the other end came to meet");
	else
		ring_leave(stream, why);
}

void stream_go_back_soon(struct stream *stream, const char *why)
{
	stream_lock(stream);
	leave_soon(stream, why);
	stream_unlock(stream);
}

void streams_before_set_closes(int epoll_fd)
{
	for (int fd = 0; sharing_is_possible() && fd < table_end(); fd++) {
		struct stream *stream = stream_use(fd);

		if (stream == NULL)
			continue;
		if (stream->shared && stream_stage(stream) == STAGE_RING &&
		    sets_hold(epoll_fd, stream))
			stream_go_back_soon(stream, "another process keeps its epoll set");
		stream_done(stream);
	}
}

static int a_number(struct stream *stream)
{
	int fd;

	table_lock();
	fd = stream->count > 0 ? stream->numbers[0] : -1;
	table_unlock();
	return fd;
}

/* Whoever uses the socket next, without this library or in another process, expects to find what
 * was there. */
static void await_returning(struct stream *stream, int number)
{
	int64_t until = now_ms() + RETURN_LIMIT;
	int fd = stream_tcp(stream, number);

	while (fd >= 0 && position_missing(fd, stream->record->returns_until) > 0 &&
	       !position_peer_ended(fd) && now_ms() < until) {
		struct pollfd none = { .fd = -1 };

		real.poll(&none, 1, 1);
	}
}

/* What comes next reads TCP without this library, or another process does. */
static void drop_leftover(struct stream *stream)
{
	if (leftover_size(stream->record) == 0)
		return;
	report(stream, "bytes in the ring cannot be handed over");
	ring_broken(stream);
	record_area_clear(stream->record);
	sharing_settle_numbers(stream);
}

static bool is_nothing_here(const struct stream *stream)
{
	enum stage stage = stream_stage(stream);

	return (stage == STAGE_FRESH || stage == STAGE_RESTING) && stream->ring == NULL &&
	       stream->parked < 0;
}

/* `shared`: for a process that has the same socket, by fork. */
static void go_back(struct stream *stream, int fd, const char *why, bool shared)
{
	int64_t until = now_ms() + STASH_LIMIT;

	/* A server that closes its copy must not take the ring from the child that serves. */
	if (why == NULL && shared && is_nothing_here(stream))
		return;
	if (sharing_take_back(stream) != 0)
		return;
	stream_lock(stream);
	leave_soon(stream, why);
	while (stream->outgoing == OUTGOING_STASH && now_ms() < until) {
		struct pollfd entry = { .fd = stream->parked, .events = POLLOUT };

		stream_unlock(stream);
		real.poll(&entry, 1, STASH_SLICE);
		stream_lock(stream);
		if (stream->outgoing == OUTGOING_STASH)
			ring_send_stash(stream);
	}
	/* What cannot be sent in time is lost, and the other end has to know. */
	if (stream->outgoing == OUTGOING_STASH)
		ring_broken(stream);
	if (!shared || stream_stage(stream) != STAGE_RING || !ring_hand_over(stream))
		ring_drop_incoming(stream, why != NULL);
	if (why != NULL && !shared)
		drop_leftover(stream);
	stream_unlock(stream);
	if (why != NULL || shared)
		await_returning(stream, fd);
}

void stream_go_back(struct stream *stream, const char *why)
{
	go_back(stream, a_number(stream), why, false);
}

/* As the kernel does with a TCP socket that is closed before all was read: the other end learns by
 * a reset. */
static bool reset_if_unread(struct stream *stream, int fd)
{
	enum stage stage = stream_stage(stream);
	bool apart = stage == STAGE_RING || stage == STAGE_GREETED, set;

	/* Those that the other end takes back were not read either. */
	if (position_missing(stream_tcp(stream, fd), stream->record->returns_until) == 0 &&
	    ((!apart && leftover_size(stream->record) == 0) || transfer_queued_in(stream, fd) == 0))
		return false;
	/* The socket below may be on its way back to its number. */
	stream_lock(stream);
	set = linger_reset(stream->record, stream_tcp(stream, fd));
	stream_unlock(stream);
	return set;
}

void stream_finish(struct stream *stream, int fd)
{
	bool shared = record_shared(stream->record, getpid());

	if (!stream->foreign && !shared)
		reset_if_unread(stream, fd);
	if (!stream->foreign)
		go_back(stream, fd, NULL, shared);
	report_closed(stream);
}

/* ------------------------------------------------------------------ exec */

static bool survives_exec(const struct stream *stream)
{
	bool survives = false;

	table_lock();
	for (unsigned at = 0; at < stream->count && !survives; at++)
		survives = (real.fcntl(stream->numbers[at], F_GETFD) & FD_CLOEXEC) == 0;
	table_unlock();
	return survives;
}

static void before_exec(struct stream *stream)
{
	if (survives_exec(stream))
		stream_go_back(stream, "another program takes over (exec)");
}

void streams_before_exec(void)
{
	each(before_exec);
}

/* To TCP for good, when there are several. */
static void seal(struct record *record)
{
	if (record_sealed(record) &&
	    __atomic_load_n(&record->sealed, __ATOMIC_ACQUIRE) != (uint32_t)getpid())
		record->pinned = true;
	__atomic_store_n(&record->sealed, (uint32_t)getpid(), __ATOMIC_RELEASE);
}

/* Those that the kernel closes end as others do: with a reset, if not all was read. */
static void before_kernel_closes(struct stream *stream)
{
	int fd = a_number(stream);

	/* Once, though it has several numbers. */
	if (fd < 0 || stream->closing || stream->left)
		return;
	if (!record_shared(stream->record, getpid())) {
		stream->closing =
			!stream->foreign && !stream->record->resets && reset_if_unread(stream, fd);
		return;
	}
	if (!stream->foreign)
		go_back(stream, fd, NULL, true);
	record_leave(stream->record, getpid());
	stream->left = true;
}

static void seal_survivor(struct stream *stream)
{
	if (survives_exec(stream))
		seal(stream->record);
	else
		before_kernel_closes(stream);
}

void streams_seal_for_exec(void)
{
	each(seal_survivor);
}

static void unseal(struct stream *stream)
{
	uint32_t self = (uint32_t)getpid();

	__atomic_compare_exchange_n(&stream->record->sealed, &self, 0, false, __ATOMIC_ACQ_REL,
				    __ATOMIC_RELAXED);
	if (stream->closing)
		linger_as_wanted(stream->record, stream_tcp(stream, a_number(stream)));
	if (stream->left)
		record_hold(stream->record, getpid());
	stream->closing = stream->left = false;
}

void streams_exec_failed(void)
{
	each(unseal);
}

/* ------------------------------------------------------------------ confinement */

/* From now on this process does nothing for the connection but what the program itself calls. */
static void confine(struct stream *stream, const char *why)
{
	stream_go_back(stream, why);
	seal(stream->record);
}

static void before_filter(struct stream *stream)
{
	confine(stream, "a filter of system calls (seccomp)");
}

static void before_limit(struct stream *stream)
{
	confine(stream, "a limit below its descriptor's number (setrlimit)");
}

static void confine_each(void (*act)(struct stream *stream))
{
	bool last;

	each(act);
	streams_dismiss();
	for (int fd = 0; fd < table_end(); fd++) {
		table_lock();
		table_remove(fd, &last);
		table_unlock();
	}
}

void streams_before_seal(void)
{
	confine_each(before_filter);
}

void streams_before_limit(uint64_t limit)
{
	for (int fd = table_end() - 1; streams_exist() && fd >= 0 && (uint64_t)fd >= limit; fd--)
		if (table_get(fd) != NULL) {
			confine_each(before_limit);
			return;
		}
}

/* ------------------------------------------------------------------ the end */

static void before_exit(struct stream *stream)
{
	int fd = a_number(stream);

	if (fd >= 0)
		stream_finish(stream, fd);
}

void streams_before_exit(void)
{
	each(before_exit);
}

/* ------------------------------------------------------------------ what the helper asks for */

static void answer_wanted(struct stream *stream)
{
	if (__atomic_load_n(&stream->record->wanted, __ATOMIC_ACQUIRE) != 0 && !stream->foreign &&
	    __atomic_load_n(&stream->record->carrier, __ATOMIC_ACQUIRE) == (uint32_t)getpid())
		go_back(stream, a_number(stream), "another process uses it too", true);
}

void streams_answer_wanted(void)
{
	each(answer_wanted);
}

static void check_meeting(struct stream *stream)
{
	if (stage_meets(stream_stage(stream)))
		ready_update(stream, false);
}

void streams_check_meetings(void)
{
	each(check_meeting);
}

/* ------------------------------------------------------------------ fork */

/* With the table's lock held, or in a child: once, at the first of its numbers. */
static void each_here(void (*act)(struct stream *stream))
{
	for (int fd = 0; fd < table_end(); fd++) {
		struct stream *stream = table_get(fd);

		if (stream != NULL && stream->numbers[0] == fd)
			act(stream);
	}
}

static void before_fork(struct stream *stream)
{
	sharing_note_fork(stream);
	record_expect(stream->record);
}

static void fork_failed(struct stream *stream)
{
	record_expect_no_more(stream->record);
}

static void forked_parent(struct stream *stream)
{
	registrations_share(&stream->registrations);
}

void streams_before_fork(void)
{
	signals_hold();
	helper_before_fork();
	table_lock();
	each_here(before_fork);
	streams_pool_lock();
}

void streams_fork_failed(void)
{
	table_lock();
	each_here(fork_failed);
	table_unlock();
}

void streams_forked_parent(void)
{
	each_here(forked_parent);
	streams_pool_unlock();
	table_unlock();
	helper_unlock();
	signals_release();
}

/* The ring is the parent's, the bell stands at the same numbers in both. */
static void forked(struct stream *stream)
{
	enum stage stage = stream->stage;

	record_hold(stream->record, getpid());
	record_expect_no_more(stream->record);
	/* A thread that is not in this process was closing it. */
	if (stream->closed)
		table_clear(stream->numbers[0]);
	registrations_forked(&stream->registrations);
	/* libxsock's own handlers may come after this one: its part is for later. */
	stream_abandon(stream);
	free(stream->stash);
	stream->stash = NULL;
	stream->stash_at = stream->stash_end = 0;
	stream->incoming = INCOMING_TCP;
	stream->outgoing = OUTGOING_TCP;
	if (stage == STAGE_RING || stage_meets(stage)) {
		stream->foreign = true;
		stream->stage = STAGE_RESTING;
		stream->rest_until = 0;
	}
}

void streams_forked_child(void)
{
	streams_pool_unlock();
	table_forked();
	helper_forked();
	nudge_forked();
	each_here(forked);
	signals_release();
}
