/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One end's program: does what the driver asks, by ordinary calls, and says what came of it. */
#ifndef TESTS_PRELOAD_SOAK_ACTOR_H
#define TESTS_PRELOAD_SOAK_ACTOR_H

#include "common/wire.h"

#include <stdatomic.h>

struct actor {
	enum performer who;
	int channel;
	unsigned char *buffer; /* BUFFER_SIZE bytes and a margin */
	bool mute;             /* this reply is another's to give */
	bool ended;
};

#define MARGIN 64
#define UNTOUCHED 0xee

extern int slots[ALL_SLOTS];
extern int epolls[EPOLLS];
extern atomic_int pipes; /* SIGPIPEs caught by this process */

/* Serves requests until told to end or until the driver is gone. `inherited`: "SLOT=DESCRIPTOR,..."
 * or NULL. Returns the exit status. */
int actor_run(enum performer who, const char *inherited);
void actor_serve(struct actor *actor);
/* Its channel and its buffer. */
void actor_prepare(struct actor *actor, enum performer who);

/* Waits until the slot shows what the request says; else the reply tells. */
void settle(const struct request *request, struct reply *reply);

/* -- replies ---------------------------------------------------------------------------------- */

/* What a call returned, with errno if that is -1. */
void outcome(struct reply *reply, int64_t result);
/* The same of a call that returns a descriptor: which of the lowest free ones it is may differ, as
 * the library's own thread takes one for a moment now and then. */
#define FROM_HUNDRED 100 /* what F_DUPFD is told at times */
#define FROM_HIGH 1030   /* select cannot name it */
void outcome_descriptor(struct reply *reply, int fd);
void say(struct reply *reply, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The bytes received are the stream's, and nothing behind them was written. */
void check_bytes(const struct actor *actor, const struct request *request, struct reply *reply,
		 uint64_t position, size_t length);
/* Has the buffer hold the stream's next bytes, or nothing that is in any stream. */
void fill_buffer(const struct actor *actor, const struct request *request, uint64_t position,
		 size_t length);
void wipe_buffer(const struct actor *actor, size_t length);
void say_events(struct reply *reply, const char *name, unsigned events);

/* -- calls ------------------------------------------------------------------------------------ */

typedef void actor_call(struct actor *actor, const struct request *request, struct reply *reply);

actor_call act_send, act_receive;
actor_call act_give, act_take, act_pump, act_fill;
actor_call act_send_timed, act_receive_timed, act_interrupt;
actor_call act_splice_out, act_splice_in, act_print, act_gets, act_urgent_send, act_urgent_receive;
actor_call act_odd;
actor_call act_wait;
actor_call act_epoll_open, act_epoll_set, act_epoll_nest, act_epoll_wait, act_epoll_close;
actor_call act_listen, act_connect, act_refused, act_accept, act_shutdown, act_names;
actor_call act_option_get, act_option_set, act_linger, act_nonblock;
actor_call act_dup, act_dup_onto, act_close, act_close_range, act_unread;
actor_call act_fork, act_exec, act_reap, act_thread, act_end, act_pass, act_catch, act_census;

/* One call of a family, by variant; `length` bytes of `buffer` in `count` pieces or messages where
 * the family has such. */
#define SEND_VARIANTS 7
int64_t send_by(int variant, int fd, void *buffer, size_t length, int flags, uint64_t salt);
#define RECEIVE_VARIANTS 9
int64_t receive_by(int variant, int fd, void *buffer, size_t length, int flags, uint64_t salt,
		   struct reply *reply);

/* Every signal of the timer, from `first` on, until stopped; with a note to the driver at the
 * first. In act_signal.c. */
void alarms_prepare(void);
void alarms_start(int flags, int channel);
int alarms_stop(void);

#endif
