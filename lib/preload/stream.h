/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A TCP connection as this process knows it.
 *
 *      FRESH --first use, the peer is a domain of this host--> QUEUED -> MEETING -> GREETED -> RING
 *        |                                                        \          \         |        |
 *        +--anything else--> forgotten: plain TCP                  +----------+--------+--> RESTING
 * (may try again)
 *
 * GREETED: both ends hold an xsock connection, this one has said hello in it; from then on it reads
 * no byte from TCP that may belong behind bytes in the ring. Once the peer has said hello too, this
 * end says how many of its bytes went over TCP (SWITCH), and its bytes go into the ring: RING.
 * Either direction leaves the ring on its own: see docs/preload.md.
 *
 * In RING, and until both directions are back on TCP, one end of a UNIX socket pair stands at the
 * program's descriptor numbers and shows what the connection is ready for (bell.h); the TCP socket
 * is parked at a high number.
 */
#ifndef XSOCK_PRELOAD_STREAM_H
#define XSOCK_PRELOAD_STREAM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <xsock/xsock.h>

#include "preload/address.h"
#include "preload/bell.h"
#include "preload/epolls.h"
#include "preload/record.h"

#define STREAM_NUMBERS_MAX 32
#define STREAM_ABANDONED_MAX 4

enum stage { STAGE_FRESH, STAGE_QUEUED, STAGE_MEETING, STAGE_GREETED, STAGE_RING, STAGE_RESTING };

/* Where this end's next byte comes from. */
enum incoming {
	INCOMING_TCP,
	INCOMING_GUARDED, /* TCP, as long as the ring says nothing of a switch */
	INCOMING_UNTIL,   /* TCP, `tcp_left` bytes more */
	INCOMING_RING
};

/* Where its next byte goes. */
enum outgoing {
	OUTGOING_TCP,
	OUTGOING_RING,
	OUTGOING_STASH /* nowhere yet: first, to TCP, what the peer left in the ring */
};

struct stream {
	unsigned users; /* calls under way, and one for the numbers; 0: not in use */
	struct record *record;
	enum stage stage;
	atomic_bool foreign; /* made by fork: the ring, if any, is another process's */
	atomic_bool shared;  /* was there at a fork: other processes may hold it */
	bool inherited;      /* over exec, so others may hold it that no record tells of */
	atomic_bool
		unanswered; /* another process was asked for the ring, by a call that only waits */

	/* Under the table's lock. */
	int numbers[STREAM_NUMBERS_MAX];
	unsigned count;
	atomic_bool closed; /* the program closed them all */
	struct registrations registrations;

	/* Under both of the record's locks, or its one half's. */
	struct address_pair pair;
	unsigned domain;
	struct xsock *listener; /* MEETING, on the end that listens */
	struct xsock *ring;     /* MEETING on the other end; GREETED, RING */
	bool greeted;           /* the peer said hello */
	enum incoming incoming;
	enum outgoing outgoing;
	uint64_t read_position; /* of TCP, from GREETED on */
	uint64_t tcp_left;
	uint64_t carried; /* bytes of the program's put into this ring */
	char *stash;
	size_t stash_at, stash_end;
	bool shut_read, shut_write; /* by the program */
	bool shut_stashed;          /* the second one waits for the stash */
	_Atomic int parked; /* the TCP socket while the bell stands at the numbers, else -1 */
	struct bell bell;
	struct xsock *abandoned[STREAM_ABANDONED_MAX]; /* of this process's parents */
	bool closing;       /* the kernel closes it at exec, with a reset */
	bool left;          /* at exec: other processes keep it */
	int64_t over_since; /* ms: the bell shows since then that the other end ended TCP */
	bool space_asked;   /* the ring tells when it has space */

	unsigned tries;             /* meetings in a row that led nowhere */
	_Atomic int64_t rest_until; /* ms of the monotonic clock */
	int64_t meeting_until;
	int64_t retry_at; /* MEETING, with a domain that is not there yet */
	unsigned retries;
	unsigned held; /* how often another process was found to have it, that no record tells of */
	uint64_t ring_sent, ring_received, tcp_sent, tcp_received;
	atomic_bool had_ring;
	bool reported;
	atomic_bool waited;  /* for a ring */
	struct stream *next; /* in a queue */
	bool queued;         /* there, under the helper's lock; its stage may have changed since */
};

/* A new stream for a socket just made, or one that came with exec; NULL: leave it alone. */
struct stream *stream_new(void);

/* A use of the stream at a number, and its end; NULL for what is no TCP connection of interest. */
struct stream *stream_use(int fd);
void stream_use_this(struct stream *stream);
/* For a pointer that may be out of date: false when the stream is no more. */
bool stream_try_use(struct stream *stream);
void stream_done(struct stream *stream);
/* Is there anything to look at, at all? */
bool streams_exist(void);
/* From now on there are none, and no new ones. */
void streams_dismiss(void);
bool streams_dismissed(void);

/* The descriptor of the TCP socket itself, for the caller's number. */
static inline int stream_tcp(const struct stream *stream, int fd)
{
	int parked = stream->parked;

	return parked >= 0 ? parked : fd;
}

static inline enum stage stream_stage(const struct stream *stream)
{
	return __atomic_load_n(&stream->stage, __ATOMIC_ACQUIRE);
}

void stream_set_stage(struct stream *stream, enum stage stage);
/* Does this stage wait for the other end? */
bool stage_meets(enum stage stage);

/* stdio reads and writes these numbers by itself, in the C library: there TCP has to stand. Takes
 * the table's lock. */
#define STDIO_MAY_USE_IT "stdio may use it (number 0, 1 or 2)"
bool stream_is_stdio(const struct stream *stream);

/* In a forked child: the ring, or the search for one, is the parent's. */
void stream_abandon(struct stream *stream);
/* A call that moved some bytes met an error, errno, which is for the next one to tell. */
void stream_owe_error(struct stream *stream);
/* -1 with what TCP would say, once, of a peer that died with bytes unread. */
int stream_tell_death(struct stream *stream, int tcp);
/* -1 with the error that is owed. */
int stream_pay_error(struct stream *stream);

/* Around fork. */
void streams_pool_lock(void);
void streams_pool_unlock(void);

/* Both halves, signals kept out. */
void stream_lock(struct stream *stream);
void stream_unlock(struct stream *stream);
void stream_lock_out(struct stream *stream);
void stream_unlock_out(struct stream *stream);
void stream_lock_in(struct stream *stream);
void stream_unlock_in(struct stream *stream);

#endif
