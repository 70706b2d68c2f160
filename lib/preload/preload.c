/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "preload/preload.h"

#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "preload/calls-process.h"
#include "preload/library.h"
#include "preload/meeting.h"
#include "preload/numbers.h"
#include "preload/ready.h"
#include "preload/report.h"
#include "preload/settings.h"
#include "preload/sharing.h"
#include "preload/signals.h"
#include "preload/streams.h"
#include "preload/table.h"
#include "preload/waiting.h"

#define INHERITED_MAX 256

bool preload_started;

/* ------------------------------------------------------------------ following sockets */

/* What only connections need waits for the first TCP socket: many programs have none. */
static bool can_follow;

static void follow_once(void)
{
	if (!records_start() || !table_start())
		return;
	xsock_set_descriptor_floor(number_floor());
	process_calls_start();
	__atomic_store_n(&can_follow, true, __ATOMIC_RELEASE);
}

static bool ready_to_follow(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	int error = errno;

	if (__atomic_load_n(&can_follow, __ATOMIC_ACQUIRE))
		return true;
	/* A filter of system calls may forbid what it needs. */
	if (!library_is_loaded() || streams_dismissed())
		return false;
	signals_hold();
	pthread_once(&once, follow_once);
	signals_release();
	errno = error;
	return __atomic_load_n(&can_follow, __ATOMIC_ACQUIRE);
}

void stream_follow(int fd, bool connector, bool inherited)
{
	struct stream *stream = ready_to_follow() ? stream_new() : NULL;
	bool put;

	if (stream == NULL)
		return;
	stream->record->connector = connector;
	stream->inherited = inherited;
	table_lock();
	put = table_put(fd, stream);
	table_unlock();
	if (!put)
		stream_done(stream);
}

void stream_forget(struct stream *stream)
{
	bool last = false;

	table_lock();
	if (registrations_any_out(&stream->registrations))
		stream->record->pinned = true;
	else
		while (stream->count > 0)
			table_remove(stream->numbers[0], &last);
	table_unlock();
	if (last)
		stream_done(stream);
}

static void pin(struct stream *stream, const char *why)
{
	stream->record->pinned = true;
	stream_go_back(stream, why);
}

/* But what the kernel does not say of a peer that died is still to be told. */
static void unfollow(struct stream *stream)
{
	if (stream->parked < 0 && !stream->record->peer_died)
		stream_forget(stream);
	stream_done(stream);
}

void stream_pin(int fd, const char *why)
{
	struct stream *stream = stream_use(fd);

	if (stream == NULL)
		return;
	pin(stream, why);
	unfollow(stream);
}

int stream_pin_to_transfer(int fd, const char *why)
{
	struct stream *stream = stream_use(fd);
	int result = 0;

	if (stream == NULL)
		return 0;
	pin(stream, why);
	if (stream->record->peer_died)
		result = stream_tell_death(stream, stream_tcp(stream, fd));
	unfollow(stream);
	return result;
}

/* ------------------------------------------------------------------ a call's way */

static bool chaos(void)
{
	static __thread unsigned state;

	if (settings.chaos == 0)
		return false;
	if (state == 0)
		state = (unsigned)now_ms() | 1;
	state = state * 1664525u + 1013904223u;
	return (state >> 8) % settings.chaos == 0;
}

static bool consider(struct stream *stream, int fd)
{
	enum stage stage = stream_stage(stream);

	if (stage != STAGE_FRESH && stage != STAGE_RESTING)
		return true;
	return meeting_consider(stream, fd);
}

static enum way fail(struct stream *stream)
{
	stream_done(stream);
	errno = EPROTONOSUPPORT;
	return WAY_FAILED;
}

enum way way_to_transfer(int fd, struct stream **used)
{
	struct stream *stream = stream_at(fd);

	*used = stream;
	if (stream == NULL)
		return WAY_PLAIN;
	if (!consider(stream, fd)) {
		if (settings.strict && !stream->had_ring && !stream->inherited)
			return fail(stream);
		stream_forget(stream);
		stream_done(stream);
		return WAY_PLAIN;
	}
	if (stream_stage(stream) == STAGE_RING && chaos())
		stream_go_back_soon(stream, "chaos");
	if (stage_meets(stream_stage(stream)) && !stream->had_ring && !wait_for_ring(stream) &&
	    !stream->inherited)
		return fail(stream);
	return WAY_CARRIED;
}

void way_to_wait(int fd)
{
	struct stream *stream = stream_at(fd);

	if (stream == NULL)
		return;
	sharing_before_wait(stream);
	ready_look(stream);
	if (!consider(stream, fd) && !settings.strict)
		stream_forget(stream);
	stream_done(stream);
}

/* ------------------------------------------------------------------ the beginning and the end */

static bool is_connected_tcp(int fd)
{
	union address peer;
	socklen_t length = sizeof peer;
	int protocol;

	if (real.getpeername(fd, &peer.any, &length) != 0)
		return false;
	length = sizeof protocol;
	return real.getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &length) == 0 &&
	       protocol == IPPROTO_TCP;
}

static bool same_socket(int fd, int other)
{
	uint64_t cookie, others;
	socklen_t length = sizeof cookie;

	if (real.getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &length) != 0)
		return false;
	length = sizeof others;
	return real.getsockopt(other, SOL_SOCKET, SO_COOKIE, &others, &length) == 0 &&
	       cookie == others;
}

/* Two numbers of one socket are one stream. */
static void follow_inherited(int fd, const int *earlier, int count)
{
	for (int at = 0; at < count; at++)
		if (same_socket(fd, earlier[at])) {
			table_lock();
			table_put(fd, table_get(earlier[at]));
			table_unlock();
			return;
		}
	stream_follow(fd, false, true);
}

static void scan_inherited(void)
{
	DIR *directory = opendir("/proc/self/fd");
	int fds[INHERITED_MAX], count = 0;
	struct dirent *entry;

	if (directory == NULL)
		return;
	while (count < INHERITED_MAX && (entry = readdir(directory)) != NULL) {
		int fd = (int)strtol(entry->d_name, NULL, 10);

		if (entry->d_name[0] != '.' && is_connected_tcp(fd)) {
			follow_inherited(fd, fds, count);
			fds[count++] = fd;
		}
	}
	closedir(directory);
}

static void start_once(void)
{
	int error = errno;

	real_resolve();
	preload_started = true;
	settings_read();
	/* Handlers are wrapped in all programs. */
	pthread_atfork(NULL, NULL, signals_forked);
	__atomic_sub_fetch(&table_used, 1, __ATOMIC_RELEASE);
	errno = error;
}

void preload_start(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	if (!preload_started)
		pthread_once(&once, start_once);
}

__attribute__((constructor)) static void at_start(void)
{
	int error = errno;

	preload_start();
	/* Now, in one thread, without locks of the loader's that others wait for, and before chroot and filters of system calls. */
	library_load();
	scan_inherited();
	errno = error;
}

__attribute__((destructor)) static void at_end(void)
{
	streams_before_exit();
}
