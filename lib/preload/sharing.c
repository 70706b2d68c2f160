/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "preload/sharing.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "preload/meeting.h"
#include "preload/report.h"
#include "preload/ring.h"
#include "preload/stream.h"
#include "preload/table.h"

#define ANSWER_LIMIT 10000 /* ms */
#define ANSWER_SLICE 100
/* Two processes that really share a connection should not play at ball with it. */
#define TAKEN_BACK_MAX 4

bool sharing_is_ours(struct stream *stream)
{
	return !(stream->foreign && stream->parked >= 0) &&
	       !(stream->parked >= 0 && stream->ring == NULL && stream->record->left_over == 0) &&
	       !record_carried_elsewhere(stream->record, getpid());
}

static int await_carrier(struct stream *stream)
{
	struct record *record = stream->record;
	int64_t until = now_ms() + ANSWER_LIMIT;

	while (record_carried_elsewhere(record, getpid())) {
		pid_t carrier = (pid_t)__atomic_load_n(&record->carrier, __ATOMIC_ACQUIRE);

		if (now_ms() > until) {
			errno = ECONNRESET;
			return -1;
		}
		if (__atomic_exchange_n(&record->wanted, 1, __ATOMIC_ACQ_REL) == 0 &&
		    stream->carrier_kick >= 0)
			eventfd_write(stream->carrier_kick, 1);
		record_await_carrier(record, carrier, ANSWER_SLICE);
	}
	return 0;
}

int sharing_take_back(struct stream *stream)
{
	struct record *record = stream->record;

	if (sharing_is_ours(stream))
		return 0;
	if (await_carrier(stream) != 0)
		return -1;
	stream_lock(stream);
	/* The bell stays as long as bytes are in it. */
	if (stream->ring == NULL && stream->parked >= 0 && record->left_over == 0) {
		table_lock();
		ring_restore_numbers(stream);
		table_unlock();
	}
	if (stream->foreign)
		record->taken_back++;
	stream->foreign = false;
	if (record->taken_back >= TAKEN_BACK_MAX)
		record->pinned = true;
	if (stream->ring == NULL && !stage_meets(stream_stage(stream)))
		meeting_rest(stream);
	stream_unlock(stream);
	return 0;
}
