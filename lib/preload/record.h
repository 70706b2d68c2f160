/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What all processes that hold one TCP connection, by fork, have to know together: who of them has
 * its ring. In memory that a forked child shares. Each half of the connection has a lock, held for
 * the moment of one call that does not wait.
 */
#ifndef XSOCK_PRELOAD_RECORD_H
#define XSOCK_PRELOAD_RECORD_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#define RECORD_HOLDERS_MAX 8

struct record {
	uint32_t used;
	pthread_mutex_t out; /* robust and shared by processes; taken before `in` */
	pthread_mutex_t in;
	/* The process that looks for a ring or has one; 0: whoever takes both locks may read and
	 * write TCP. Changes under both locks; a futex. */
	uint32_t carrier;
	uint32_t wanted;                      /* another process asks the carrier to go back */
	uint32_t holders[RECORD_HOLDERS_MAX]; /* processes with a descriptor; 0 empty */
	bool crowded;                         /* more than fit */
	uint32_t expected;                    /* forked, and not among the holders yet */
	atomic_bool pinned;                   /* to TCP, for good */
	/* leftover.h */
	uint64_t left_tcp;
	_Atomic uint64_t left_at, left_end;
	uint32_t sealed;     /* a holder that can only do what TCP needs */
	uint32_t taken_back; /* how often a process asked for it */
	bool connector;      /* this end connected */
	atomic_bool resets;  /* linger.h; and what the program wants */
	struct linger linger;
	atomic_bool peer_died; /* with bytes unread: what TCP says of it is to be ECONNRESET */
	atomic_int owed_error; /* of TCP, learned by a call of the library's own; the program's next
				  gets it */
	_Atomic uint64_t returns_until; /* position in TCP behind what the peer takes out of the
					   ring and sends there */
};

/* A page of them that children share; once. False when there is no memory. */
bool records_start(void);

/* NULL when all are used. */
struct record *record_new(void);
/* Memory beside a record, as large as a ring, for what was left in one; NULL: there is none. Empty
 * again after record_area_clear. */
char *record_area(const struct record *record);
size_t record_area_size(void);
void record_area_clear(const struct record *record);
/* A process more holds it, or one less; the last one frees it. */
void record_hold(struct record *record, pid_t pid);
void record_drop(struct record *record, pid_t pid);
/* One less, who may come back. */
void record_leave(struct record *record, pid_t pid);
/* Around fork: a holder more will come; it has come, or will not. */
void record_expect(struct record *record);
void record_expect_no_more(struct record *record);
/* Is a holder alive that may use TCP without a look at this record? */
bool record_sealed(struct record *record);
/* Does a living process other than `pid` hold it? */
bool record_shared(struct record *record, pid_t pid);

/* A holder that died with the lock left nothing half done: what it guards are single words. */
void record_lock(pthread_mutex_t *lock);

/* Is the process that carries it, if any, another one, and alive? A dead one is forgotten. */
bool record_carried_elsewhere(struct record *record, pid_t pid);
/* The same for one that has ended and that its parent has not waited for yet; a look into /proc. */
bool record_carrier_ended(struct record *record);
void record_set_carrier(struct record *record, pid_t pid);
/* Waits until the carrier changes from `pid`, at most `timeout` ms. */
void record_await_carrier(struct record *record, pid_t pid, int timeout);

#endif
