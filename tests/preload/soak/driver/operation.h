/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Operations: what a script is made of. One is a handful of random numbers; what they mean follows
 * from them and the model alone, so that a script can be run again, or with parts left out.
 */
#ifndef TESTS_PRELOAD_SOAK_OPERATION_H
#define TESTS_PRELOAD_SOAK_OPERATION_H

#include "world.h"

struct operation {
	int type;
	enum end end;
	enum performer performer, other_performer;
	int connection;
	unsigned pick, variant, flags;
	uint64_t length; /* of sizes as programs have them */
	uint64_t salt;
};

/* The same with names for what it is about: a performer's descriptor of a connection. */
struct aim {
	struct world *world;
	struct model *model;
	const struct operation *operation;
	enum end end;
	enum performer performer;
	enum process process;
	int connection, slot;
	struct model_side *self, *peer;
};

typedef bool possible_call(const struct aim *aim);
typedef void run_call(const struct aim *aim);

struct operation_type {
	const char *name;
	unsigned weight;
	bool needs_slot;         /* the performer must hold the connection */
	possible_call *possible; /* NULL: always */
	run_call *run;
};

extern const struct operation_type operation_types[];
extern const int operation_type_count;

/* False when the model has no such thing; then the operation is skipped. */
bool operation_aim(struct world *world, const struct operation *operation, struct aim *aim);

/* A request about the slot, which waits until all is there that must come; for the stream that
 * this end sends, or receives. */
struct request request_for(const struct aim *aim, enum call call);
struct request request_send(const struct aim *aim, enum call call, uint64_t length);
struct request request_receive(const struct aim *aim, enum call call, uint64_t length);
/* By the aim's performer. */
void act(const struct aim *aim, const struct request *request, struct reply *reply);
/* The same and the model follows. */
void act_sending(const struct aim *aim, const struct request *request, struct reply *reply);
void act_receiving(const struct aim *aim, const struct request *request, struct reply *reply);
/* The other end of the connection, by some performer that holds it; false: nobody does. */
bool aim_across(const struct aim *aim, struct aim *across);
/* Waits until all that is under way to this process has come; and from it: when a connection is
 * broken, what has not arrived is lost. */
void settle_all(const struct aim *aim);
void settle_both_ways(const struct aim *aim);
/* The same for the one connection. */
void settle_across(const struct aim *aim);

#define CHANCE(bits, one_in) ((bits) % (one_in) == 0)

/* In the files op_*.c, by subject. */
possible_call possible_send, possible_cork, possible_receive, possible_take;
possible_call possible_transfer, possible_pump, possible_fill, possible_share;
possible_call possible_block, possible_timed, possible_interrupt;
possible_call possible_epoll_open, possible_epoll_set, possible_epoll_nest, possible_epoll_wait;
possible_call possible_epoll_close;
possible_call possible_open, possible_accept_none;
possible_call possible_dup, possible_dup_onto, possible_close_copy, possible_close_last;
possible_call possible_fork, possible_exec, possible_pass, possible_thread, possible_end_thread;
possible_call possible_hand_over, possible_end_child, possible_kill;
possible_call possible_splice_out, possible_splice_in, possible_print, possible_urgent;

run_call run_send, run_cork, run_receive, run_take, run_unread;
run_call run_transfer, run_pump, run_fill, run_share;
run_call run_block, run_timed, run_interrupt;
run_call run_wait, run_epoll_open, run_epoll_set, run_epoll_nest, run_epoll_wait, run_epoll_close;
run_call run_open, run_refused, run_accept_none, run_names, run_option_get, run_option_set;
run_call run_nonblock, run_shutdown, run_odd;
run_call run_dup, run_dup_onto, run_close, run_close_range, run_linger;
run_call run_fork, run_exec, run_pass, run_thread, run_end_thread, run_end_child, run_kill;
run_call run_hand_over;
run_call run_splice_out, run_splice_in, run_print, run_urgent;

/* Parts of operations that cleaning up needs too. */
void listen_anew(struct world *world);
void end_thread(struct world *world, enum end end);
void end_child(struct world *world, enum end end, unsigned how);

#endif
