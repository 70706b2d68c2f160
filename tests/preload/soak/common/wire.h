/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the driver asks of its actors, over AF_UNIX pairs that the library under test does not
 * touch. An actor keeps descriptors in numbered slots and nothing else: where in a stream a
 * connection is, is told with each request, so any process that holds it can go on.
 */
#ifndef TESTS_PRELOAD_SOAK_WIRE_H
#define TESTS_PRELOAD_SOAK_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of one end: its first process, a child of that, a second thread. Each has a channel, at the
 * same descriptor in every actor; the last pair lets the first pass descriptors to its child. */
enum performer { MAIN, CHILD, THREAD, PERFORMERS };
#define CHANNEL(performer) (3 + (int)(performer))
#define PASS_FROM (CHANNEL(PERFORMERS))
#define PASS_TO (CHANNEL(PERFORMERS) + 1)
#define FIRST_FREE (CHANNEL(PERFORMERS) + 2)

#define SLOTS 8 /* for connections; then one for the listener */
#define LISTENER 8
#define ALL_SLOTS 9
#define EPOLLS 2
#define EDGES 100 /* added to a registration's number when it waits for edges alone: driver/edges.h */
#define BUFFER_SIZE ((size_t)320 << 10) /* the most bytes of one request */
#define SET_SIZE 3

enum call {
	CALL_NOTHING,
	CALL_SETTLE,
	/* bytes: act_send.c, act_receive.c, act_bulk.c */
	CALL_SEND,
	CALL_RECEIVE,
	CALL_GIVE,
	CALL_TAKE,
	CALL_PUMP,
	CALL_FILL,
	CALL_SEND_TIMED,
	CALL_RECEIVE_TIMED,
	CALL_INTERRUPT,
	/* bytes by other ways: act_ways.c */
	CALL_SPLICE_OUT,
	CALL_SPLICE_IN,
	CALL_PRINT,
	CALL_GETS,
	CALL_URGENT_SEND,
	CALL_URGENT_RECEIVE,
	CALL_ODD,
	/* waiting: act_wait.c, act_epoll.c */
	CALL_WAIT,
	CALL_EPOLL_OPEN,
	CALL_EPOLL_SET,
	CALL_EPOLL_NEST,
	CALL_EPOLL_WAIT,
	CALL_EPOLL_CLOSE,
	/* sockets: act_socket.c, act_options.c */
	CALL_LISTEN,
	CALL_CONNECT,
	CALL_REFUSED,
	CALL_ACCEPT,
	CALL_SHUTDOWN,
	CALL_NAMES,
	CALL_OPTION_GET,
	CALL_OPTION_SET,
	CALL_LINGER,
	CALL_NONBLOCK,
	/* descriptors: act_descriptor.c */
	CALL_DUP,
	CALL_DUP_ONTO,
	CALL_CLOSE,
	CALL_CLOSE_RANGE,
	CALL_UNREAD,
	/* processes: act_process.c */
	CALL_FORK,
	CALL_EXEC,
	CALL_REAP,
	CALL_THREAD,
	CALL_END,
	CALL_PASS,
	CALL_CATCH,
	CALL_CENSUS,
	CALLS
};

/* Until the call begins this many bytes must wait at the slot, and these events show. */
struct settle {
	int64_t bytes; /* -1: whatever there is */
	int32_t events;
	int32_t wanted; /* 0: do not settle */
};

struct interest {
	int32_t slot, events;
};

struct request {
	int32_t call, variant;
	int32_t slot, other;
	int64_t length, flags;
	int64_t argument, argument2;
	uint64_t key, position;   /* of the stream that is sent or received; or ports */
	uint64_t key2, position2; /* CALL_PUMP: of the one that is received */
	uint64_t salt;            /* for what the actor chooses itself */
	struct settle settle;
	int32_t untold; /* for the driver, see below */
	int32_t set_count;
	struct interest set[SET_SIZE];
};

/* How many bytes a call moves is no part of the trace, but it is all of them; or at least one; or
 * it may be none as well, with EAGAIN. */
enum { UNTOLD = 1, UNTOLD_PART, UNTOLD_ANY };

struct reply {
	int64_t result;
	int32_t error;  /* errno, when result is -1 */
	int32_t pipes;  /* SIGPIPEs caught meanwhile */
	int64_t moved;  /* bytes of the stream sent or received; PUMP: sent */
	int64_t value;  /* what the driver needs and the trace does not show */
	char text[480]; /* what the trace shows beside the result */
};

/* The calls' names, for traces. */
const char *call_name(enum call call);

/* False when the other end is gone. */
bool wire_put(int channel, const void *message, size_t size);
/* 1: here it is; 0: nothing within `limit` ms (-1: no limit); -1: the other end is gone. */
int wire_get(int channel, void *message, size_t size, int limit);
/* A lone byte in place of a reply: the reply is under way, see CALL_INTERRUPT. Safe in a signal
 * handler. wire_get_reply sets *noted when that is what came. */
void wire_note(int channel);
int wire_get_reply(int channel, struct reply *reply, bool *noted, int limit);

#endif
