/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "preload/ring.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "preload/helper.h"
#include "preload/leftover.h"
#include "preload/linger.h"
#include "preload/meeting.h"
#include "preload/nudge.h"
#include "preload/numbers.h"
#include "preload/position.h"
#include "preload/ready.h"
#include "preload/real.h"
#include "preload/report.h"
#include "preload/sharing.h"
#include "preload/stream.h"
#include "preload/table.h"

#define MAGIC_HELLO 0x58534b48u  /* "XSKH" */
#define MAGIC_SWITCH 0x58534b53u /* "XSKS" */
#define WIRE_VERSION 1u

/* Little endian, as everything in a ring's pages. */
struct word {
	uint32_t magic;
	uint32_t version;
	uint64_t position;
};

static bool say(struct stream *stream, uint32_t magic, uint64_t position)
{
	struct word word = { .magic = htole32(magic),
			     .version = htole32(WIRE_VERSION),
			     .position = htole64(position) };

	/* The ring is new, larger than this, and empty but for a hello. */
	return xsock_send(stream->ring, &word, sizeof word, MSG_DONTWAIT) == (ssize_t)sizeof word;
}

/* 1 and the position, 0 not there yet, -1 nothing will come, or nonsense. */
static int hear(struct stream *stream, uint32_t magic, uint64_t *position)
{
	struct word word;
	ssize_t count = xsock_recv(stream->ring, &word, sizeof word, MSG_DONTWAIT | MSG_PEEK);

	if (count < 0)
		return errno == EAGAIN ? 0 : -1;
	if (count == 0)
		return -1;
	/* Words are sent whole. */
	if (count < (ssize_t)sizeof word)
		return -1;
	if (xsock_recv(stream->ring, &word, sizeof word, MSG_DONTWAIT) != (ssize_t)sizeof word ||
	    le32toh(word.magic) != magic || le32toh(word.version) != WIRE_VERSION)
		return -1;
	*position = le64toh(word.position);
	return 1;
}

/* ------------------------------------------------------------------ on to the ring */

static int a_number(const struct stream *stream)
{
	return stream->count > 0 ? stream->numbers[0] : -1;
}

bool ring_greet(struct stream *stream, struct xsock *ring, const char **why)
{
	int fd;

	table_lock();
	fd = a_number(stream);
	*why = "the connection is not established both ways any more";
	if (fd < 0 || !position_read(fd, &stream->read_position)) {
		table_unlock();
		return false;
	}
	table_unlock();
	stream->ring = ring;
	stream->greeted = false;
	stream->incoming = INCOMING_GUARDED;
	stream->outgoing = OUTGOING_TCP;
	*why = "the ring broke before its first use";
	if (say(stream, MAGIC_HELLO, 0)) {
		stream_set_stage(stream, STAGE_GREETED);
		return true;
	}
	stream->ring = NULL;
	stream->incoming = INCOMING_TCP;
	return false;
}

static void exchange(struct stream *stream, int fd, bool foreign_too)
{
	for (unsigned at = 0; at < stream->count; at++) {
		int number = stream->numbers[at];
		int flags = real.fcntl(number, F_GETFD);

		registrations_take_out(&stream->registrations, number, foreign_too);
		number_replace(fd, number, (flags & FD_CLOEXEC) != 0 ? O_CLOEXEC : 0);
		if (!registrations_put_in(&stream->registrations, number))
			report(stream, "an epoll set has no place for it any more");
	}
	nudge_everybody();
}

bool ring_put_bell(struct stream *stream)
{
	int fd = a_number(stream), parked;

	if (fd < 0 || !bell_make(&stream->bell))
		return false;
	parked = number_duplicate(fd);
	if (parked < 0) {
		bell_close(&stream->bell);
		return false;
	}
	real.fcntl(stream->bell.stand, F_SETFL, real.fcntl(fd, F_GETFL));
	ready_show_first(stream, parked);
	stream->parked = parked;
	if (!helper_watch_ring(stream)) {
		stream->parked = -1;
		number_close(parked);
		bell_close(&stream->bell);
		return false;
	}
	exchange(stream, stream->bell.stand, false);
	return true;
}

/* The most that the ring can ever have in it: it may grow until then. 0 when that is not known. */
static size_t stash_room(const struct stream *stream)
{
	struct xsock_info info = { 0 };

	xsock_get_info(stream->ring, &info, sizeof info);
	return info.send_ring_most;
}

/* Before there is anything to put into it: later there may be no memory. */
static bool make_stash(struct stream *stream)
{
	size_t room = stash_room(stream);

	stream->stash = room > 0 ? malloc(room) : NULL;
	return stream->stash != NULL;
}

static void drop_stash(struct stream *stream)
{
	free(stream->stash);
	stream->stash = NULL;
	stream->stash_at = stream->stash_end = 0;
}

static const char *enter(struct stream *stream)
{
	uint64_t position;
	int fd;
	bool movable, stands, first;

	if (stream_is_stdio(stream))
		return STDIO_MAY_USE_IT;
	if (!make_stash(stream))
		return "no memory for what the other end may leave in the ring";
	table_lock();
	fd = a_number(stream);
	if (fd < 0 || !position_written(fd, stream->record->connector, &position)) {
		table_unlock();
		return "the kernel does not tell how many bytes went over TCP";
	}
	movable = registrations_movable(&stream->registrations);
	stands = movable && ring_put_bell(stream);
	table_unlock();
	if (!movable)
		return "it is in an epoll set that this process does not know or share";
	if (!stands)
		return "no descriptors for it (ulimit -n)";
	/* From now on it has to go through with it: ring_leave undoes. */
	first = !stream->had_ring;
	stream->had_ring = true;
	stream_set_stage(stream, STAGE_RING);
	if (!say(stream, MAGIC_SWITCH, position))
		return "the ring broke before its first use";
	stream->outgoing = OUTGOING_RING;
	stream->carried = 0;
	report(stream, "on the ring%s, domain %u", first ? "" : " again", stream->domain);
	sharing_tell(stream);
	return NULL;
}

void ring_look_for_hello(struct stream *stream)
{
	const char *why = "the other end changed its mind";
	uint64_t nothing;
	int heard = hear(stream, MAGIC_HELLO, &nothing);

	if (heard == 0)
		return;
	stream->greeted = heard > 0;
	if (heard > 0)
		why = enter(stream);
	if (why != NULL)
		ring_leave(stream, why);
}

static void incoming_over(struct stream *stream)
{
	linger_as_wanted(stream->record, stream_tcp(stream, table_number(stream, -1)));
	stream->incoming = INCOMING_TCP;
	ring_restore_if_over(stream);
}

static void look_for_switch(struct stream *stream)
{
	uint64_t position;
	int heard = hear(stream, MAGIC_SWITCH, &position);

	if (heard < 0) {
		incoming_over(stream);
		return;
	}
	if (heard == 0 && stream->parked >= 0)
		return;
	if (heard == 0) {
		incoming_over(stream);
		return;
	}
	if (position < stream->read_position) {
		report(stream, "more came over TCP than the other end says it wrote there");
		ring_broken(stream);
		return;
	}
	stream->tcp_left = position - stream->read_position;
	stream->incoming = stream->tcp_left > 0 ? INCOMING_UNTIL : INCOMING_RING;
	ready_found_switch(stream);
}

/* ------------------------------------------------------------------ and back */

/* Who ended the direction first, and with it, whose the bytes are that lie in the ring. */
static enum xsock_cut cut_of(struct stream *stream, bool sending)
{
	struct xsock_info info = { 0 };

	xsock_get_info(stream->ring, &info, sizeof info);
	return sending ? info.send_cut : info.recv_cut;
}

/* ms, within which deaths are noticed. */
#define ALONE_LIMIT 2000

bool ring_is_left_alone(const struct stream *stream)
{
	return stream->incoming == INCOMING_RING && stream->bell.over &&
	       now_ms() > stream->over_since + ALONE_LIMIT;
}

void ring_look_for_bytes(struct stream *stream)
{
	ssize_t count;
	char byte;
	int error;

	if (stream_stage(stream) == STAGE_GREETED)
		ring_look_for_hello(stream);
	if (stream_stage(stream) == STAGE_RING && stream->incoming == INCOMING_GUARDED)
		look_for_switch(stream);
	if (stream_stage(stream) != STAGE_RING || stream->incoming != INCOMING_RING)
		return;
	count = xsock_recv(stream->ring, &byte, 1, MSG_DONTWAIT | MSG_PEEK);
	error = count < 0 ? errno : 0;
	if (count > 0 && cut_of(stream, false) == XSOCK_CUT_BY_SENDER && stream->parked >= 0)
		linger_reset(stream->record, stream->parked);
	/* Once TCP is closed there is nothing to come: what was sent before is in the ring. */
	if (count < 0 && error == EAGAIN && ring_is_left_alone(stream)) {
		report(stream, "the other end ended TCP but not the ring");
		ring_broken(stream);
		return;
	}
	if (count > 0 || (error == EAGAIN && stream->parked >= 0))
		return;
	/* What a dead peer left unread says how TCP ends. */
	if (error == ECONNRESET)
		ring_outgoing_over(stream);
	if (stream_stage(stream) != STAGE_RING)
		return;
	if (error == 0 || error == ECONNRESET || error == EAGAIN)
		incoming_over(stream);
	else
		ring_broken(stream);
}

/* In RING. An end leaves the ring before it ends TCP: unless it dies. Then nobody takes back what
 * is unread. */
static bool is_peer_dead(struct stream *stream)
{
	/* Not parked any more: TCP is over. */
	return (stream->parked < 0 || position_peer_ended(stream->parked)) &&
	       cut_of(stream, false) == XSOCK_CUT_NONE;
}

static uint64_t unread(struct stream *stream)
{
	struct xsock_info info = { 0 };

	if (stream->incoming < INCOMING_UNTIL)
		return 0;
	xsock_get_info(stream->ring, &info, sizeof info);
	return stream->tcp_left + info.bytes_to_receive;
}

static bool take_stash(struct stream *stream)
{
	ssize_t count = xsock_send_withdraw(stream->ring, stream->stash, stash_room(stream));

	if (count < 0)
		return false;
	stream->stash_end = (size_t)count;
	/* A peer that left early has not even read the words before the bytes. */
	stream->stash_at = stream->stash_end > stream->carried
				   ? stream->stash_end - (size_t)stream->carried
				   : 0;
	return true;
}

void ring_outgoing_over(struct stream *stream)
{
	if (stream->outgoing != OUTGOING_RING)
		return;
	if (!take_stash(stream)) {
		ring_broken(stream);
		return;
	}
	/* After a FIN, a reset is EPIPE and the end stays the end. */
	stream->record->peer_died = stream->stash_at < stream->stash_end &&
				    cut_of(stream, true) == XSOCK_CUT_NONE &&
				    cut_of(stream, false) == XSOCK_CUT_NONE;
	stream->ring_sent -= stream->stash_end - stream->stash_at;
	stream->outgoing = OUTGOING_STASH;
	ring_send_stash(stream);
}

static void stash_sent(struct stream *stream)
{
	drop_stash(stream);
	stream->outgoing = OUTGOING_TCP;
	if (stream->shut_stashed)
		real.shutdown(stream->parked, SHUT_WR);
	stream->shut_stashed = false;
	ring_end_if_deaf(stream);
	ring_restore_if_over(stream);
}

void ring_send_stash(struct stream *stream)
{
	/* A broken connection says why once only, and shows it until then: that is not for here. */
	while (stream->stash_at < stream->stash_end && !ready_tcp_broken(stream->parked)) {
		ssize_t count = real.send(stream->parked, stream->stash + stream->stash_at,
					  stream->stash_end - stream->stash_at,
					  MSG_DONTWAIT | MSG_NOSIGNAL);

		if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
			bell_set_writable(&stream->bell, false);
			return;
		}
		if (count < 0) {
			stream->record->owed_error = errno == EPIPE ? 0 : errno;
			break;
		}
		stream->stash_at += (size_t)count;
		stream->tcp_sent += (uint64_t)count;
	}
	stash_sent(stream);
}

void ring_restore_numbers(struct stream *stream)
{
	int parked = stream->parked;

	helper_unwatch(parked);
	/* Its flags (O_NONBLOCK) were set together with the bell's, or by a process without one. */
	exchange(stream, parked, true);
	stream->parked = -1;
	number_close(parked);
	bell_close(&stream->bell);
}

static void forget_ring(struct stream *stream)
{
	if (stream->ring != NULL)
		xsock_close(stream->ring);
	stream->ring = NULL;
	stream->greeted = false;
	stream->space_asked = false;
	drop_stash(stream);
}

void ring_restore_if_over(struct stream *stream)
{
	if (stream->ring == NULL || stream->incoming != INCOMING_TCP ||
	    stream->outgoing != OUTGOING_TCP)
		return;
	forget_ring(stream);
	table_lock();
	if (stream->parked >= 0)
		ring_restore_numbers(stream);
	table_unlock();
	record_set_carrier(stream->record, 0);
	meeting_rest(stream);
}

bool ring_end_outgoing(struct stream *stream)
{
	if (stream->outgoing != OUTGOING_RING)
		return true;
	if (!is_peer_dead(stream))
		xsock_shutdown(stream->ring, SHUT_WR);
	if (cut_of(stream, true) != XSOCK_CUT_BY_SENDER) {
		ring_outgoing_over(stream);
		return stream->outgoing != OUTGOING_STASH;
	}
	stream->outgoing = OUTGOING_TCP;
	return true;
}

/* The peer, to whom this end said hello, has sent bytes and left before this end came to the ring
 * itself. */
static void take_unmet(struct stream *stream)
{
	uint64_t nothing;

	if (stream->greeted || hear(stream, MAGIC_HELLO, &nothing) > 0)
		look_for_switch(stream);
	if (stream->ring == NULL || stream->incoming == INCOMING_TCP)
		return;
	if (stream->incoming < INCOMING_UNTIL) {
		incoming_over(stream);
	} else if (!ring_hand_over(stream)) {
		report(stream, "bytes in the ring cannot be handed over");
		ring_broken(stream);
	}
}

/* What this end has not read the peer sends over TCP; unless it ended first: then it is still to be
 * read. */
static void end_incoming(struct stream *stream)
{
	if (stream->incoming == INCOMING_TCP)
		return;
	if (stream->incoming >= INCOMING_UNTIL && is_peer_dead(stream)) {
		ring_look_for_bytes(stream);
		return;
	}
	/* Nobody waits for what comes after SHUT_RD: what has come must be there. */
	if (stream->shut_read && ring_hand_over(stream))
		return;
	xsock_shutdown(stream->ring, SHUT_RD);
	if (cut_of(stream, false) == XSOCK_CUT_BY_SENDER) {
		if (stream_stage(stream) == STAGE_GREETED)
			take_unmet(stream);
		else
			ring_look_for_bytes(stream);
		return;
	}
	stream->record->returns_until = stream->read_position + unread(stream);
	stream->incoming = INCOMING_TCP;
}

void ring_leave(struct stream *stream, const char *why)
{
	if (stream->ring == NULL)
		return;
	if (why != NULL)
		report(stream, "back to TCP: %s", why);
	ring_end_outgoing(stream);
	if (stream->ring != NULL)
		end_incoming(stream);
	ring_restore_if_over(stream);
	/* A full ring says nothing of TCP. */
	if (stream_stage(stream) == STAGE_RING)
		ready_show(stream);
}

/* ------------------------------------------------------------------ leaving what is unread */

/* The sender ended between the last look and the end of receiving here: nobody sends again what
 * came in between. */
static bool came_late(struct stream *stream)
{
	struct xsock_info info = { 0 };

	xsock_get_info(stream->ring, &info, sizeof info);
	return info.recv_cut == XSOCK_CUT_BY_SENDER && info.bytes_to_receive > 0;
}

bool ring_hand_over(struct stream *stream)
{
	if (stream->incoming < INCOMING_UNTIL || stream->outgoing == OUTGOING_STASH ||
	    !leftover_take(stream))
		return false;
	xsock_shutdown(stream->ring, SHUT_RD);
	if (came_late(stream)) {
		report(stream, "bytes came when nobody was to receive any more");
		ring_broken(stream);
		return true;
	}
	stream->incoming = INCOMING_TCP;
	if (leftover_size(stream->record) == 0) {
		linger_as_wanted(stream->record, stream_tcp(stream, table_number(stream, -1)));
		ring_restore_if_over(stream);
		return true;
	}
	if (stream->parked >= 0)
		linger_reset(stream->record, stream->parked);
	forget_ring(stream);
	sharing_settle_numbers(stream);
	record_set_carrier(stream->record, 0);
	sharing_tell(stream);
	meeting_rest(stream);
	return true;
}

void ring_end_if_deaf(struct stream *stream)
{
	if (!stream->shut_read || !stream->shut_write || stream->ring == NULL)
		return;
	if (stream->incoming >= INCOMING_UNTIL)
		ring_hand_over(stream);
	else
		end_incoming(stream);
}

void ring_stand_down(struct stream *stream)
{
	if (stream->parked < 0)
		return;
	drop_stash(stream);
	stream->outgoing = OUTGOING_TCP;
	ring_look_for_bytes(stream);
	if (stream_stage(stream) != STAGE_RING)
		return;
	table_lock();
	if (stream->parked >= 0)
		ring_restore_numbers(stream);
	table_unlock();
	ring_restore_if_over(stream);
}

void ring_drop_incoming(struct stream *stream, bool lossless)
{
	ring_look_for_bytes(stream);
	if (stream_stage(stream) != STAGE_RING || stream->incoming == INCOMING_TCP)
		return;
	if (lossless) {
		report(stream, "bytes in the ring cannot be handed over");
		ring_broken(stream);
		return;
	}
	stream->incoming = INCOMING_TCP;
	ring_restore_if_over(stream);
}

void ring_broken(struct stream *stream)
{
	struct linger reset = { .l_onoff = 1 };
	struct sockaddr none = { .sa_family = AF_UNSPEC };

	report(stream, "reset");
	if (stream->parked >= 0) {
		/* As a TCP peer that sends nonsense would find it. */
		real.setsockopt(stream->parked, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
		real.connect(stream->parked, &none, sizeof none);
	}
	drop_stash(stream);
	stream->incoming = INCOMING_TCP;
	stream->outgoing = OUTGOING_TCP;
	stream->record->pinned = true;
	ring_restore_if_over(stream);
}
