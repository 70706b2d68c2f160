/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the driver knows of the connections: who holds them, how far both streams are, who has
 * ended what. From it follows what an end must come to see (so that a call can wait for that
 * first) and which calls would wait for ever. What calls return is not predicted: plain TCP tells.
 */
#ifndef TESTS_PRELOAD_SOAK_MODEL_H
#define TESTS_PRELOAD_SOAK_MODEL_H

#include "common/wire.h"

#define CONNECTIONS 3
#define NO_CONNECTION (-1)

enum end { A, B, ENDS };
enum process { FIRST, SECOND, PROCESSES }; /* of one end: MAIN and THREAD's, and CHILD's */

struct model_side {
	uint64_t sent, taken;
	int64_t port;
	bool nonblocking;
	bool write_shut, read_shut;
	bool closed; /* by its last holder */
	bool reset;  /* the other end has broken the connection */
	bool resets; /* will break it when closed: SO_LINGER 0 */
};

struct model_connection {
	bool live;
	uint64_t key;
	struct model_side side[ENDS];
};

struct model_slot {
	int connection;
	bool cloexec;
};

struct model_process {
	bool live;
	struct model_slot slots[SLOTS];
	bool epolls[EPOLLS];
	bool mixed[EPOLLS]; /* of those: another process had it, too */
	int nested; /* which epoll instance is in the other one, or -1 */
};

struct model {
	uint64_t seed;
	uint64_t room; /* bytes that either end may have ahead of the other without waiting */
	unsigned opened;
	int64_t port;
	bool listener_nonblocking;
	bool loose;  /* bytes may come in parts that are no part of the trace */
	bool greets; /* each connection begins with bytes both ways */
	bool thread[ENDS];
	struct model_connection connections[CONNECTIONS];
	struct model_process processes[ENDS][PROCESSES];
};

enum process process_of(enum performer performer);
void model_start(struct model *model, uint64_t seed, uint64_t room);
bool model_performs(const struct model *model, enum end end, enum performer performer);

/* Which slot of that process holds the connection, one of several by `pick`; -1: none does. */
int model_slot(const struct model *model, enum end end, enum process process, int connection,
	       unsigned pick);
/* Any slot that holds something; any that is free; -1. */
int model_used_slot(const struct model *model, enum end end, enum process process, unsigned pick);
int model_free_slot(const struct model *model, enum end end, enum process process);
int model_free_connection(const struct model *model);
/* How many slots at that end hold the connection, in all processes. */
int model_holders(const struct model *model, enum end end, int connection);

/* Bytes sent to this end and not received yet. */
uint64_t model_waiting(const struct model *model, enum end end, int connection);
/* Bytes that this end can send now without waiting. */
uint64_t model_room(const struct model *model, enum end end, int connection);
/* A receive at this end does not wait, whatever is there. */
bool model_ended(const struct model *model, enum end end, int connection);
/* This end can send and the other can receive. */
bool model_flows(const struct model *model, enum end end, int connection);
struct settle model_settle(const struct model *model, enum end end, int connection);
uint64_t model_key(const struct model *model, enum end sender, int connection);

void model_open(struct model *model, int connection);
void model_put(struct model *model, enum end end, enum process process, int slot, int connection,
	       bool cloexec);
void model_sent(struct model *model, enum end end, int connection, int64_t bytes);
void model_shut(struct model *model, enum end end, int connection, int how);
/* The slot is closed. */
void model_drop(struct model *model, enum end end, enum process process, int slot);
void model_fork(struct model *model, enum end end);
void model_exec(struct model *model, enum end end, enum process process);
/* The process has ended. */
void model_gone(struct model *model, enum end end, enum process process);

#endif
