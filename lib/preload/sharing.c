/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "preload/sharing.h"

#include <errno.h>
#include <unistd.h>

#include "preload/bell.h"
#include "preload/helper.h"
#include "preload/leftover.h"
#include "preload/meeting.h"
#include "preload/ready.h"
#include "preload/report.h"
#include "preload/ring.h"
#include "preload/stream.h"
#include "preload/table.h"

#define ANSWER_LIMIT 10000 /* ms */
/* For who only waits, and only once: a process that is stopped must not stop the loops of others.
 */
#define LOOK_LIMIT 1000
/* Two processes that really share a connection should not play at ball with it. */
#define TAKEN_BACK_MAX 4

bool sharing_is_ours(struct stream *stream)
{
	return !(stream->foreign && stream->parked >= 0) &&
	       !(stream->parked >= 0 && stream->ring == NULL &&
		 leftover_size(stream->record) == 0) &&
	       !record_carried_elsewhere(stream->record, getpid());
}

static unsigned shared;

void sharing_note_fork(struct stream *stream)
{
	if (!stream->shared)
		__atomic_add_fetch(&shared, 1, __ATOMIC_RELAXED);
	stream->shared = true;
}

void sharing_forget(struct stream *stream)
{
	if (stream->shared)
		__atomic_sub_fetch(&shared, 1, __ATOMIC_RELAXED);
	stream->shared = false;
}

bool sharing_is_possible(void)
{
	return __atomic_load_n(&shared, __ATOMIC_RELAXED) != 0;
}

bool sharing_is_elsewhere(const struct stream *stream)
{
	return stream->shared && record_carried_elsewhere(stream->record, getpid());
}

void sharing_tell(const struct stream *stream)
{
	if (stream->shared && record_shared(stream->record, getpid()))
		helper_summon();
}

static int a_socket(const struct stream *stream)
{
	return stream_tcp(stream, table_number(stream, -1));
}

static int await_carrier(struct stream *stream, int limit)
{
	struct record *record = stream->record;
	int64_t until = now_ms() + limit;

	while (record_carried_elsewhere(record, getpid())) {
		pid_t carrier = (pid_t)__atomic_load_n(&record->carrier, __ATOMIC_ACQUIRE);
		int64_t left = until - now_ms();

		if (record_carrier_ended(record))
			continue;
		if (__atomic_exchange_n(&record->wanted, 1, __ATOMIC_ACQ_REL) == 0)
			helper_summon();
		if (left <= 0) {
			errno = ECONNRESET;
			return -1;
		}
		record_await_carrier(record, carrier,
				     left < SHARING_SLICE ? (int)left : SHARING_SLICE);
	}
	return 0;
}

/* What is left over makes TCP readable, which only a bell can show; but a broken TCP connection
 * shows everything. */
void sharing_settle_numbers(struct stream *stream)
{
	bool left = leftover_size(stream->record) > 0 && !ready_tcp_broken(a_socket(stream));

	/* In a child there may be none yet, and TCP can end while the bell stands. */
	if (left)
		helper_start();
	table_lock();
	if (left && stream->parked < 0)
		ring_put_bell(stream);
	else if (!left && stream->parked >= 0)
		ring_restore_numbers(stream);
	if (left && stream->parked >= 0) {
		bell_set_readable(&stream->bell, true);
		bell_set_writable(&stream->bell, ready_to_write(stream));
		helper_watch_ring(stream);
	}
	if (left && stream->parked >= 0)
		ready_show_end(stream);
	table_unlock();
}

static int take_back(struct stream *stream, int limit)
{
	struct record *record = stream->record;
	bool elsewhere = sharing_is_elsewhere(stream), ours;

	stream_lock_in(stream);
	ours = sharing_is_ours(stream);
	stream_unlock_in(stream);
	if (ours)
		return 0;
	if (await_carrier(stream, limit) != 0)
		return -1;
	stream_lock(stream);
	if (stream->ring == NULL)
		sharing_settle_numbers(stream);
	if (stream->foreign || elsewhere)
		record->taken_back++;
	stream->foreign = false;
	if (record->taken_back >= TAKEN_BACK_MAX)
		record->pinned = true;
	if (stream->ring == NULL && !stage_meets(stream_stage(stream)))
		meeting_rest(stream);
	stream_unlock(stream);
	return 0;
}

int sharing_take_back(struct stream *stream)
{
	int result = take_back(stream, ANSWER_LIMIT);

	if (result != 0)
		report(stream, "the process that has the ring does not answer");
	return result;
}

void sharing_listen(const struct stream *stream)
{
	/* A fresh one's peer may be nobody's: for those no thread is made. */
	if (stream->shared && helper_bell() < 0 && !stream->record->pinned &&
	    stream_stage(stream) != STAGE_FRESH && record_shared(stream->record, getpid()))
		helper_start();
}

bool sharing_before_wait(struct stream *stream)
{
	if (stream->foreign || sharing_is_elsewhere(stream)) {
		stream->unanswered = take_back(stream, stream->unanswered ? 0 : LOOK_LIMIT) != 0;
		sharing_listen(stream);
		return !stream->unanswered;
	}
	sharing_listen(stream);
	if (!stream->shared || leftover_size(stream->record) == 0 || stream->parked >= 0)
		return true;
	stream_lock(stream);
	if (stream->ring == NULL)
		sharing_settle_numbers(stream);
	stream_unlock(stream);
	return true;
}
