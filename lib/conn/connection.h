/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One end of a connection, from its set-up to its close. */
#ifndef XSOCK_CONN_CONNECTION_H
#define XSOCK_CONN_CONNECTION_H

#include <sys/socket.h>

#include "base/barrier.h"
#include "base/shared.h"
#include "base/spin.h"
#include "conn/address.h"
#include "conn/endpoint.h"
#include "conn/growth.h"
#include "conn/pages.h"
#include "conn/peers.h"
#include "conn/terms.h"
#include "ring/consumer.h"
#include "ring/producer.h"
#include "ring/span.h"

/* For endpoint_wait, inside the library: the set-up came to an end, good or bad. */
#define EVENT_DECIDED POLLPRI

enum connection_state { CONNECTION_UNDER_WAY, CONNECTION_OPEN, CONNECTION_FAILED };

struct request;

/* All that the peer's events can tell of. */
struct tidings {
	uint64_t produced, consumed;
	uint32_t produced_state, consumed_state;
	uint32_t cut[2];
};

struct connection {
	struct endpoint endpoint; /* first: the endpoint's calls come back with it */
	struct platform *platform;
	struct peer_link peer;
	unsigned domain; /* the peer's */
	char service[SERVICE_SIZE];

	struct terms terms;
	uint64_t nonce;
	struct pages pages;
	struct channel *channel;
	/* Each half has a lock, held while bytes are copied, never while somebody waits. */
	pthread_mutex_t out_lock;
	pthread_mutex_t in_lock;
	struct producer out;
	struct consumer in;
	size_t reserved;         /* may be committed; under out_lock */
	bool withdrawn;          /* what the peer did not receive is taken back; under out_lock */
	size_t peeked;           /* may be consumed; under in_lock */
	uint64_t sent_before;    /* out.written at the last wait for bytes; under in_lock */
	struct spin out_spin;    /* under out_lock */
	struct spin in_spin;     /* under in_lock */
	uint32_t peeked_ring;    /* which ring those spans lie in */
	bool peeks;              /* a call ended them, and may wait for others */
	struct growth growth[2]; /* receiving, sending; each under its half's lock */

	/* Set under the endpoint's lock, looked at by any thread. */
	enum connection_state state;
	enum direction_wish direction; /* ONE_WAY until settled */
	bool lost;                     /* the channel says that the peer is gone */
	bool breaking;                 /* somebody found what broke the connection */
	int error;                     /* and this is it, positive */
	bool stopped[2];               /* shut down here: receiving, sending */
	char reason[256];              /* the sentence for `error` */

	struct request *request; /* a connector's set-up under way */

	int send_timeout; /* ms; 0 none */
	int recv_timeout;
	bool nonblocking;
	bool spins; /* before it sleeps */
	uint64_t notifications;
	uint64_t stalls;        /* times that a send found the ring full; under out_lock */
	struct tidings tidings; /* as of the last drain; under the endpoint's lock */
	int slot;               /* in the registry */
};

/* An end that knows its peer but shares nothing yet. Takes over the caller's hold on the platform
 * when it succeeds. */
int connection_new(struct platform *platform, unsigned domain, const char *service,
		   struct connection **connection);
/* On these terms, once the peer is there. When a limit says no, connection->peer.over is which. */
int connection_agree(struct connection *connection, const struct terms *terms,
		     const struct peer_limits *limits);

/* The granter's part: port and reference are to be told to the peer. */
int connection_offer(struct connection *connection, uint64_t nonce, uint32_t *port,
		     uint32_t *reference);
/* The mapper's part, from what the peer told; open on success. */
int connection_take(struct connection *connection, uint64_t nonce, uint32_t port,
		    uint32_t reference);
/* The granter's look whether the mapper has taken it: 1 and open, 0 not yet, -errno. */
int connection_taken(struct connection *connection);

/* Orderly or not, at any time; frees it. */
void connection_close(struct connection *connection);
/* The same, for one that failed before the caller's hold on the platform went over to it. */
void connection_discard(struct connection *connection);
/* In a forked child: frees the child's copy, touches nothing shared. */
void connection_abandon(struct connection *connection);

/* With the lock of a direction held, which is let go meanwhile: asks for a moment, true when it
 * came so far. */
bool spin_unlocked(struct spin *spin, pthread_mutex_t *lock, const struct ring_goal *goal);

/* Ends the connection for this end with -error and the sentence of this moment. */
int connection_break(struct connection *connection, int error);
/* 0 while I/O makes sense, else why not. */
int connection_check(const struct connection *connection);
/* The same, after doing what is due for a set-up under way: nobody else may. */
int connection_check_set_up(struct connection *connection);
void connection_notify(struct connection *connection);
/* Takes the channel's events, and note of what they tell: the end of the peer shows once. */
int connection_drain_channel(struct connection *connection);

/* 0 when this end may send (or receive), settling a one-way connection; -EOPNOTSUPP. */
int connection_settle(struct connection *connection, bool send);

void connection_shutdown(struct connection *connection, bool receiving, bool sending);

/* A half's lock. */
static inline pthread_mutex_t *connection_half(struct connection *connection, bool sending)
{
	return sending ? &connection->out_lock : &connection->in_lock;
}

static inline void connection_lock(struct connection *connection, bool sending)
{
	pthread_mutex_lock(connection_half(connection, sending));
}

static inline void connection_unlock(struct connection *connection, bool sending)
{
	pthread_mutex_unlock(connection_half(connection, sending));
	if (!connection->growth[sending].grows)
		return;
	/* What came due meanwhile found the lock taken. */
	barrier_after_unlock();
	if (growth_is_due(&connection->growth[sending]))
		growth_catch_up(connection, sending);
}

/* The word that says who ended this end's sending, or receiving, first. */
static inline uint32_t *connection_cut_word(const struct connection *connection, bool sending)
{
	int outward = connection->terms.grants ? GRANTER_TO_MAPPER : MAPPER_TO_GRANTER;

	return &connection->pages.control->header.cut[sending ? outward : !outward];
}

static inline enum direction_wish connection_direction(const struct connection *connection)
{
	return __atomic_load_n(&connection->direction, __ATOMIC_ACQUIRE);
}

static inline bool connection_stopped(const struct connection *connection, bool sending)
{
	return __atomic_load_n(&connection->stopped[sending], __ATOMIC_ACQUIRE);
}

/* The peer's process or domain is gone. */
static inline bool connection_peer_dead(const struct connection *connection)
{
	return shared_load8(&pages_peer_life(&connection->pages)->alive) == 0 ||
	       __atomic_load_n(&connection->lost, __ATOMIC_ACQUIRE) || peer_gone(&connection->peer);
}

/* A call with these flags waits. */
static inline bool connection_waits(const struct connection *connection, int flags)
{
	return (flags & MSG_DONTWAIT) == 0 && !connection->nonblocking;
}

/* It does not, and nothing is to show when it would succeed: so no event has to be asked for. */
static inline bool connection_glances(const struct connection *connection, int flags)
{
	return !connection_waits(connection, flags) && !endpoint_is_public(&connection->endpoint);
}

/* It is set up, unbroken, and bytes go this way: settled, and known to be. */
static inline bool connection_goes(const struct connection *connection, bool send)
{
	enum direction_wish direction = connection_direction(connection);

	return __atomic_load_n(&connection->state, __ATOMIC_ACQUIRE) == CONNECTION_OPEN &&
	       __atomic_load_n(&connection->error, __ATOMIC_ACQUIRE) == 0 &&
	       (direction == DIRECTION_TWO_WAY ||
		direction == (send ? DIRECTION_SEND : DIRECTION_RECV));
}

/* Of one that is open: nothing speaks against sending, in words that are hardly ever written. */
static inline bool connection_sends(const struct connection *connection)
{
	return __atomic_load_n(&connection->error, __ATOMIC_ACQUIRE) == 0 &&
	       !connection_stopped(connection, true) &&
	       shared_load32(connection_cut_word(connection, true)) == CUT_NONE &&
	       !connection_peer_dead(connection);
}

#endif
