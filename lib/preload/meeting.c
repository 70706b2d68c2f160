/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "preload/meeting.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>
#include <xsock/xsock.h>

#include "preload/helper.h"
#include "preload/holders.h"
#include "preload/leftover.h"
#include "preload/nudge.h"
#include "preload/position.h"
#include "preload/real.h"
#include "preload/report.h"
#include "preload/ring.h"
#include "preload/settings.h"
#include "preload/sharing.h"
#include "preload/stream.h"
#include "preload/table.h"

#define MEETING_LEAST 10000 /* ms */
#define RETRY_FIRST 10
#define RETRY_DOUBLINGS 5
#define REST_FIRST 50
#define REST_MOST 60000
#define HELD_DOUBLINGS 7
/* Attempts that led nowhere before TCP is for good; rings that were left do not count. */
#define TRIES_MAX 3

int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t ms_from_now(int64_t ms)
{
	return now_ms() + (ms > 0 ? ms + 1 : 0);
}

/* Who is told to wait longer for the ring goes on looking for it as long. */
static int meeting_limit(void)
{
	return settings.wait > MEETING_LEAST ? settings.wait : MEETING_LEAST;
}

/* ------------------------------------------------------------------ is it worth a try */

static bool refuse(struct stream *stream, const char *why)
{
	report(stream, "TCP: %s", why);
	return false;
}

static bool find_domain(struct stream *stream)
{
	unsigned own;

	if (xsock_lookup(&stream->pair.peer.any, sizeof stream->pair.peer, NULL, &stream->domain) !=
	    0)
		return refuse(stream, errno == ENOENT
					      ? "no domain of this host owns the peer's address"
					      : xsock_last_error());
	if (address_pair_same(&stream->pair))
		return refuse(stream, "the connection is to itself");
	if (!settings.self &&
	    xsock_lookup(&stream->pair.local.any, sizeof stream->pair.local, NULL, &own) == 0 &&
	    own == stream->domain)
		return refuse(stream,
			      "both addresses belong to this domain (--self takes them too)");
	return true;
}

/* A socket that came over exec: this process only has what the kernel tells. */
static bool know_inherited(struct stream *stream, int fd)
{
	bool connector;

	if (!stream->inherited)
		return true;
	if (!position_connector(fd, &connector))
		return refuse(stream,
			      "it came over exec, and which end connected is not to be told");
	stream->record->connector = connector;
	return true;
}

static bool consider_fresh(struct stream *stream, int fd)
{
	if (!address_pair_read(fd, &stream->pair))
		return true; /* not connected yet, or not any more: the call will say so */
	if (!find_domain(stream) || !know_inherited(stream, fd))
		return false;
	stream->tries = 0;
	return true;
}

static void rest_for(struct stream *stream, int64_t time)
{
	stream_set_stage(stream, STAGE_RESTING);
	stream->rest_until = now_ms() + time;
}

/* With both locks held. */
static bool begin(struct stream *stream, int fd)
{
	pid_t self = getpid();

	if (stream_stage(stream) == STAGE_FRESH && !consider_fresh(stream, fd))
		return false;
	if (stream->pair.peer.any.sa_family == AF_UNSPEC || stream->parked >= 0 || stream->closed ||
	    stream->record->pinned || leftover_size(stream->record) > 0 ||
	    stream_is_stdio(stream) || !position_established(fd))
		return true;
	if (record_sealed(stream->record)) {
		rest_for(stream, REST_FIRST);
		return true;
	}
	if (stream->inherited && held_elsewhere(fd)) {
		/* Whoever handed it over may still be about to close it, or keep it for good: a
		 * look at all processes costs. */
		rest_for(stream, (int64_t)REST_FIRST << stream->held);
		stream->held += stream->held < HELD_DOUBLINGS;
		return true;
	}
	record_set_carrier(stream->record, self);
	stream_set_stage(stream, STAGE_QUEUED);
	helper_queue(stream);
	return true;
}

bool meeting_consider(struct stream *stream, int fd)
{
	enum stage stage = stream_stage(stream);
	bool goes_on = true;

	if (stage == STAGE_RESTING && now_ms() < stream->rest_until)
		return true;
	stream_lock(stream);
	stage = stream_stage(stream);
	if (stream->foreign && sharing_is_ours(stream))
		stream->foreign = false;
	if ((stage == STAGE_FRESH || stage == STAGE_RESTING) && !stream->foreign &&
	    !record_carried_elsewhere(stream->record, getpid())) {
		if (stage == STAGE_RESTING && stream->tries >= TRIES_MAX)
			goes_on = refuse(stream, "the other end did not come to meet");
		else
			goes_on = begin(stream, fd);
	}
	/* This process uses TCP from now on without a look at the record. */
	if (!goes_on)
		stream->record->pinned = true;
	stream_unlock(stream);
	return goes_on;
}

/* ------------------------------------------------------------------ the helper's part */

static struct xsock_options meeting_options(const struct stream *stream)
{
	return (struct xsock_options){
		.direction = XSOCK_DIR_TWO_WAY,
		.send_ring = settings.ring,
		.recv_ring = settings.ring,
		.connect_timeout = meeting_limit(),
		.flags = XSOCK_NONBLOCK | (stream->listener == NULL ? XSOCK_AWAIT : 0),
		.max_ring = XSOCK_RING_MAX,
	};
}

static void listen_for_peer(struct stream *stream, const char *name)
{
	struct xsock_options options = meeting_options(stream);

	options.flags = XSOCK_NONBLOCK;
	options.allow = &stream->domain;
	options.allow_count = 1;
	stream->listener = xsock_listen(name, &options);
}

static void connect_to_peer(struct stream *stream, const char *name)
{
	struct xsock_options options = meeting_options(stream);
	char address[MEETING_NAME_SIZE + 16];

	snprintf(address, sizeof address, "%u/%s", stream->domain, name);
	stream->ring = xsock_connect(address, &options);
}

/* A domain whose first program is just being started, or that was not told of yet, may come to be.
 */
static bool may_try_again(struct stream *stream, int error)
{
	int64_t now = now_ms();

	if (error != EHOSTUNREACH || now > stream->meeting_until)
		return false;
	stream->retry_at = now + ((int64_t)RETRY_FIRST << stream->retries);
	if (stream->retries < RETRY_DOUBLINGS)
		stream->retries++;
	helper_look_at(stream->retry_at);
	return true;
}

static void go_to_meet(struct stream *stream)
{
	char name[MEETING_NAME_SIZE];

	address_pair_name(&stream->pair, name);
	if (address_pair_listens(&stream->pair))
		listen_for_peer(stream, name);
	else
		connect_to_peer(stream, name);
	if (stream->listener == NULL && stream->ring == NULL) {
		if (!may_try_again(stream, errno))
			meeting_give_up(stream, xsock_last_error());
	} else if (!helper_watch_meeting(stream)) {
		meeting_give_up(stream, NO_HELP);
	}
}

void meeting_start(struct stream *stream)
{
	stream_lock(stream);
	if (stream_stage(stream) == STAGE_QUEUED) {
		stream->meeting_until = now_ms() + meeting_limit();
		stream->retries = 0;
		stream_set_stage(stream, STAGE_MEETING);
		go_to_meet(stream);
	}
	stream_unlock(stream);
}

/* An xsock connection from the right domain, or NULL and *why (NULL: not yet). */
static struct xsock *met(struct stream *stream, const char **why)
{
	struct xsock_info info;
	struct xsock *ring;

	*why = NULL;
	if (stream->listener == NULL) {
		ring = stream->ring;
		if (xsock_connect_finish(ring) == 0)
			return ring;
		if (errno != EINPROGRESS)
			*why = xsock_last_error();
		return NULL;
	}
	ring = xsock_accept(stream->listener, 0);
	if (ring == NULL) {
		if (errno != EAGAIN && errno != ECONNABORTED && errno != EINTR)
			*why = xsock_last_error();
		else if (now_ms() > stream->meeting_until)
			*why = "the other end did not come to meet in time";
		return NULL;
	}
	if (xsock_get_info(ring, &info, sizeof info) == 0 && info.peer_domain == stream->domain)
		return ring;
	xsock_close(ring);
	return NULL;
}

void meeting_continue(struct stream *stream)
{
	const char *why;
	struct xsock *ring;

	if (stream->listener == NULL && stream->ring == NULL) {
		if (now_ms() >= stream->retry_at)
			go_to_meet(stream);
		else
			helper_look_at(stream->retry_at);
		return;
	}
	ring = met(stream, &why);
	if (ring != NULL) {
		if (stream->listener != NULL)
			xsock_close(stream->listener);
		stream->listener = NULL;
		stream->ring = NULL;
		if (ring_greet(stream, ring, &why)) {
			if (!helper_watch_greeted(stream))
				ring_leave(stream, NO_HELP);
			return;
		}
		xsock_close(ring);
		meeting_call_off(stream, why);
		return;
	}
	if (why != NULL)
		meeting_give_up(stream, why);
}

static void stop(struct stream *stream)
{
	if (stream->listener != NULL)
		xsock_close(stream->listener);
	if (stream->ring != NULL)
		xsock_close(stream->ring);
	stream->listener = stream->ring = NULL;
	record_set_carrier(stream->record, 0);
	meeting_rest(stream);
}

void meeting_give_up(struct stream *stream, const char *why)
{
	if (why != NULL)
		report(stream, "TCP: %s", why);
	stream->tries++;
	stop(stream);
}

void meeting_call_off(struct stream *stream, const char *why)
{
	report(stream, "back to TCP: %s", why);
	stop(stream);
}

void meeting_rest(struct stream *stream)
{
	int64_t rest = REST_FIRST;

	if (settings.chaos != 0)
		rest = 0;
	else if (stream->tries > 0)
		rest = REST_MOST;
	stream->rest_until = now_ms() + rest;
	stream_set_stage(stream, STAGE_RESTING);
	nudge_everybody();
}
