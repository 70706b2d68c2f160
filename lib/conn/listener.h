/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A service that others connect to. */
#ifndef XSOCK_CONN_LISTENER_H
#define XSOCK_CONN_LISTENER_H

#include "base/fork.h"
#include "conn/address.h"
#include "conn/endpoint.h"
#include "conn/peers.h"
#include "conn/rate.h"
#include "conn/refusal.h"
#include "conn/terms.h"

struct connection;
struct entry;
struct arrival;

struct listener_limits {
	unsigned backlog, domain_backlog; /* set-ups under way or not accepted */
	unsigned rate, domain_rate;       /* set-ups a second */
	uint64_t ring_bytes;
	struct peer_limits shared;
};

struct listener {
	struct endpoint endpoint; /* first: the endpoint's calls come back with it */
	struct platform *platform;
	struct store *store;
	struct wishes wishes;
	struct listener_limits limits;
	char service[SERVICE_SIZE];
	char path[STORE_PATH_MAX]; /* the service's node */
	unsigned *allowed;         /* NULL: every domain may ask */
	size_t allowed_count;
	int name_fd;           /* holds the service's name in this domain */
	struct fork_link fork; /* a child must not hold it too */
	int epoll_fd; /* over the store's descriptor and the channels of set-ups under way */
	struct entry *entries; /* requests that were looked at and whose nodes are not gone yet */
	unsigned entry_count;
	struct arrival *first, **last; /* what accept will return */
	struct arrival *spare;         /* for a failure, when memory is out */
	unsigned waiting;              /* set-ups under way, and done but not accepted */
	uint64_t accepted;
	struct refusals refusals;
	struct rates rates;
	bool stopped; /* shut down: accept ends */
	/* Something could not be looked at, for want of descriptors or the like: when to try again.
	 */
	struct deadline look_again;
	/* A look at everything takes several calls: each node is looked at once a round. */
	unsigned round;
	bool unfinished;
	unsigned answered;              /* requests, in this call */
	size_t look_from;               /* which name of a place the next call begins with */
	int send_timeout, recv_timeout; /* for those accepted */
	bool nonblocking;
	bool spins;
	int slot; /* in the registry */
};

/* Takes over the hold on the platform, and copies the allow-list, when it succeeds. */
int listener_open(struct platform *platform, const char *service, const struct wishes *wishes,
		  const struct listener_limits *limits, const unsigned *allowed,
		  size_t allowed_count, struct listener **listener);
void listener_close(struct listener *listener);
void listener_abandon(struct listener *listener);

/* Something could not be looked at, answered or watched: another look in a moment. */
void listener_look_again(struct listener *listener);

/* Removes the place of the request at `path` with all that is in it, and makes it anew. */
void listener_remake_place(struct listener *listener, const char *path);

/* That place is there, and open to those who may ask; what is in it stays. */
void listener_open_place(struct listener *listener, const char *path);

/* Its nodes, anew, and a watch over them; the store's descriptor among what it polls. */
int listener_make_nodes(struct listener *listener);
int listener_watch_store(const struct listener *listener);

/* Wakes all who wait in accept, which fails from now on. */
void listener_stop(struct listener *listener);

/* The next connection, or -errno as xsock_accept has it. */
int listener_accept(struct listener *listener, int timeout, struct connection **connection);

#endif
