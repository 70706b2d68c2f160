/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "preload/stream.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "preload/helper.h"
#include "preload/numbers.h"
#include "preload/real.h"
#include "preload/sharing.h"
#include "preload/signals.h"
#include "preload/table.h"

/* Memory of a stream never becomes anything else, so that a thread may look at one which another is
 * closing. */
static struct stream *unused;
static pthread_mutex_t pool = PTHREAD_MUTEX_INITIALIZER;
static unsigned alive;
static bool dismissed;

static struct stream *from_pool(void)
{
	struct stream *stream;

	signals_hold();
	pthread_mutex_lock(&pool);
	stream = unused;
	if (stream != NULL)
		unused = stream->next;
	pthread_mutex_unlock(&pool);
	signals_release();
	return stream != NULL ? stream : calloc(1, sizeof *stream);
}

static void to_pool(struct stream *stream)
{
	signals_hold();
	pthread_mutex_lock(&pool);
	stream->next = unused;
	unused = stream;
	pthread_mutex_unlock(&pool);
	signals_release();
}

struct stream *stream_new(void)
{
	struct stream *stream = dismissed ? NULL : from_pool();

	if (stream == NULL)
		return NULL;
	memset((char *)stream + sizeof stream->users, 0, sizeof *stream - sizeof stream->users);
	stream->parked = -1;
	bell_none(&stream->bell);
	stream->record = record_new();
	__atomic_store_n(&stream->users, 1, __ATOMIC_RELEASE);
	__atomic_add_fetch(&alive, 1, __ATOMIC_RELAXED);
	if (stream->record != NULL)
		return stream;
	stream_done(stream);
	return NULL;
}

bool streams_exist(void)
{
	return __atomic_load_n(&alive, __ATOMIC_RELAXED) != 0 && !dismissed;
}

void streams_dismiss(void)
{
	dismissed = true;
}

bool streams_dismissed(void)
{
	return dismissed;
}

void stream_use_this(struct stream *stream)
{
	__atomic_add_fetch(&stream->users, 1, __ATOMIC_ACQ_REL);
}

bool stream_try_use(struct stream *stream)
{
	unsigned users = __atomic_load_n(&stream->users, __ATOMIC_ACQUIRE);

	while (users != 0)
		if (__atomic_compare_exchange_n(&stream->users, &users, users + 1, true,
						__ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
			return true;
	return false;
}

struct stream *stream_use(int fd)
{
	struct stream *stream;

	while ((stream = table_get(fd)) != NULL) {
		if (!stream_try_use(stream))
			continue;
		if (table_get(fd) == stream)
			return stream;
		stream_done(stream);
	}
	return NULL;
}

static void destroy(struct stream *stream)
{
	signals_hold();
	stream_set_stage(stream, STAGE_RESTING);
	if (stream->ring != NULL)
		xsock_close(stream->ring);
	if (stream->listener != NULL)
		xsock_close(stream->listener);
	for (int at = 0; at < STREAM_ABANDONED_MAX; at++)
		if (stream->abandoned[at] != NULL)
			xsock_close(stream->abandoned[at]);
	bell_close(&stream->bell);
	if (stream->parked >= 0)
		number_close(stream->parked);
	free(stream->stash);
	registrations_free(&stream->registrations);
	sharing_forget(stream);
	if (stream->record != NULL)
		record_drop(stream->record, getpid());
	stream->record = NULL;
	__atomic_sub_fetch(&alive, 1, __ATOMIC_RELAXED);
	to_pool(stream);
	signals_release();
}

void stream_done(struct stream *stream)
{
	if (__atomic_sub_fetch(&stream->users, 1, __ATOMIC_ACQ_REL) == 0)
		destroy(stream);
}

bool stage_meets(enum stage stage)
{
	return stage == STAGE_QUEUED || stage == STAGE_MEETING || stage == STAGE_GREETED;
}

void stream_set_stage(struct stream *stream, enum stage stage)
{
	helper_count_meetings(stage_meets(stage) - stage_meets(stream->stage));
	__atomic_store_n(&stream->stage, stage, __ATOMIC_RELEASE);
}

bool stream_is_stdio(const struct stream *stream)
{
	bool stdio = false;

	table_lock();
	for (unsigned at = 0; at < stream->count; at++)
		stdio = stdio || stream->numbers[at] <= STDERR_FILENO;
	table_unlock();
	return stdio;
}

static void abandon(struct stream *stream, struct xsock *socket)
{
	for (int at = 0; at < STREAM_ABANDONED_MAX && socket != NULL; at++)
		if (stream->abandoned[at] == NULL) {
			stream->abandoned[at] = socket;
			return;
		}
	/* So many generations: some memory is lost. */
}

void stream_abandon(struct stream *stream)
{
	abandon(stream, stream->listener);
	abandon(stream, stream->ring);
	stream->listener = stream->ring = NULL;
}

void stream_owe_error(struct stream *stream)
{
	switch (errno) {
	case EAGAIN:
	case EINTR:
	case EFAULT:
	case EINVAL:
		break;
	default:
		stream->record->owed_error = errno;
	}
}

int stream_tell_death(struct stream *stream, int tcp)
{
	int kernels;
	socklen_t length = sizeof kernels;

	/* Which came of sending what was unread to nobody. */
	real.getsockopt(tcp, SOL_SOCKET, SO_ERROR, &kernels, &length);
	stream->record->peer_died = false;
	errno = ECONNRESET;
	return -1;
}

int stream_pay_error(struct stream *stream)
{
	errno = stream->record->owed_error;
	stream->record->owed_error = 0;
	return -1;
}

void streams_pool_lock(void)
{
	pthread_mutex_lock(&pool);
}

void streams_pool_unlock(void)
{
	pthread_mutex_unlock(&pool);
}

void stream_lock_out(struct stream *stream)
{
	signals_hold();
	record_lock(&stream->record->out);
}

void stream_unlock_out(struct stream *stream)
{
	pthread_mutex_unlock(&stream->record->out);
	signals_release();
}

void stream_lock_in(struct stream *stream)
{
	signals_hold();
	record_lock(&stream->record->in);
}

void stream_unlock_in(struct stream *stream)
{
	pthread_mutex_unlock(&stream->record->in);
	signals_release();
}

void stream_lock(struct stream *stream)
{
	stream_lock_out(stream);
	stream_lock_in(stream);
}

void stream_unlock(struct stream *stream)
{
	stream_unlock_in(stream);
	stream_unlock_out(stream);
}
