/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Both ends at work at once: more than a connection holds. */
#include "operation.h"

#include "actor/actor.h"
#include "common/stream.h"

#include <poll.h>
#include <sys/socket.h>

#define MOST ((uint64_t)300 << 10)
#define BY_FILE 6 /* of send_by */

static uint64_t from_one(uint64_t random, uint64_t most)
{
	return 1 + random % most;
}

/* Across is somebody, and bytes flow there. */
bool possible_transfer(const struct aim *aim)
{
	struct aim across;

	return model_flows(aim->model, aim->end, aim->connection) && !aim->peer->write_shut &&
	       aim_across(aim, &across);
}

/* sendfile is given a new file each time. */
static int64_t chunk(int variant, uint64_t random, bool small)
{
	if (variant == BY_FILE)
		return 20000;
	return (int64_t)from_one(random, small ? 500 : BUFFER_SIZE);
}

static struct request take_request(const struct aim *aim, uint64_t length, uint64_t salt)
{
	struct request request = request_receive(aim, CALL_TAKE, length);

	request.settle.wanted = 0;
	request.variant = (int)(salt % RECEIVE_VARIANTS);
	request.argument = chunk(0, salt >> 8, CHANCE(salt >> 4, 3));
	request.salt = salt;
	return request;
}

static void start_taking(const struct aim *aim, uint64_t length, uint64_t salt, bool shared)
{
	struct request request = take_request(aim, length, salt);

	request.argument2 = shared;
	start(aim->world, aim->end, aim->performer, &request);
}

static int64_t finish_taking(const struct aim *aim)
{
	struct reply reply;

	finish(aim->world, aim->end, aim->performer, &reply);
	aim->self->taken += (uint64_t)reply.moved;
	return reply.value;
}

static void give(const struct aim *aim, uint64_t length, uint64_t salt)
{
	struct request request = request_send(aim, CALL_GIVE, length);
	struct reply reply;

	request.settle.wanted = 0;
	request.variant = (int)(salt % SEND_VARIANTS);
	request.argument = chunk(request.variant, salt >> 8, CHANCE(salt >> 4, 3));
	request.salt = salt;
	act_sending(aim, &request, &reply);
}

void run_transfer(const struct aim *aim)
{
	uint64_t length = from_one(aim->operation->length, MOST), before;
	struct aim across;

	aim_across(aim, &across);
	before = model_waiting(aim->model, across.end, aim->connection);
	start_taking(&across, before + length, aim->operation->salt >> 3, false);
	give(aim, length, aim->operation->salt >> 5);
	finish_taking(&across);
}

/* -- two receivers ---------------------------------------------------------------------------- */

bool possible_share(const struct aim *aim)
{
	struct aim across;

	return possible_transfer(aim) && aim_across(aim, &across) &&
	       aim->model->thread[across.end] &&
	       model_slot(aim->model, across.end, FIRST, aim->connection, 0) >= 0;
}

/* Two threads take from one stream, nobody knows who gets what. */
void run_share(const struct aim *aim)
{
	uint64_t length = from_one(aim->operation->length, MOST), total, expected, sum;
	struct aim one, other;

	aim_across(aim, &one);
	one.performer = MAIN;
	one.process = FIRST;
	one.slot = model_slot(aim->model, one.end, FIRST, aim->connection, aim->operation->pick);
	other = one;
	other.performer = THREAD;
	other.slot =
		model_slot(aim->model, one.end, FIRST, aim->connection, aim->operation->variant);
	total = model_waiting(aim->model, one.end, aim->connection) + length;
	expected = stream_sum(model_key(aim->model, aim->end, aim->connection), one.self->taken,
			      total);
	start_taking(&one, total / 3, aim->operation->salt >> 3, true);
	start_taking(&other, total - total / 3, aim->operation->salt >> 4, true);
	give(aim, length, aim->operation->salt >> 5);
	sum = (uint64_t)finish_taking(&one);
	sum += (uint64_t)finish_taking(&other);
	note(aim->world, "\n        together %s", sum == expected ? "all bytes" : "!! other bytes");
}

/* -- event loops ------------------------------------------------------------------------------ */

bool possible_pump(const struct aim *aim)
{
	struct aim across;

	return possible_transfer(aim) && aim_across(aim, &across) &&
	       model_flows(aim->model, across.end, aim->connection);
}

static void make_nonblocking(const struct aim *aim)
{
	struct request request = request_for(aim, CALL_NONBLOCK);
	struct reply reply;

	if (aim->self->nonblocking)
		return;
	request.argument = 1;
	act(aim, &request, &reply);
	aim->self->nonblocking = true;
}

static struct request pump_request(const struct aim *aim, uint64_t out, uint64_t in, uint64_t salt)
{
	struct request request = request_send(aim, CALL_PUMP, out);

	request.settle.wanted = 0;
	request.argument2 = (int64_t)in;
	request.key2 = model_key(aim->model, aim->end == A ? B : A, aim->connection);
	request.position2 = aim->self->taken;
	request.variant = (int)(salt % SEND_VARIANTS);
	request.argument = chunk(request.variant, salt >> 8, CHANCE(salt >> 4, 3));
	request.other = (int)((salt >> 20) % RECEIVE_VARIANTS);
	request.flags = (int64_t)((salt >> 24) % 4);
	request.salt = salt;
	return request;
}

static void finish_pump(const struct aim *aim)
{
	struct reply reply;

	finish(aim->world, aim->end, aim->performer, &reply);
	model_sent(aim->model, aim->end, aim->connection, reply.moved);
	aim->self->taken += (uint64_t)reply.value;
}

void run_pump(const struct aim *aim)
{
	uint64_t out = from_one(aim->operation->length, MOST);
	uint64_t in = from_one(aim->operation->salt >> 7, MOST);
	struct request here, there;
	struct aim across;

	aim_across(aim, &across);
	make_nonblocking(aim);
	make_nonblocking(&across);
	here = pump_request(aim, out, in + model_waiting(aim->model, aim->end, aim->connection),
			    aim->operation->salt >> 9);
	there = pump_request(&across, in,
			     out + model_waiting(aim->model, across.end, aim->connection),
			     aim->operation->salt >> 11);
	start(aim->world, aim->end, aim->performer, &here);
	start(aim->world, across.end, across.performer, &there);
	finish_pump(aim);
	finish_pump(&across);
}

/* -- a full connection ------------------------------------------------------------------------ */

bool possible_fill(const struct aim *aim)
{
	return possible_transfer(aim);
}

static void wait_writable(const struct aim *aim, int limit)
{
	struct request request = request_for(aim, CALL_WAIT);
	struct reply reply;

	request.variant = (int)(aim->operation->variant % 6);
	request.argument = limit;
	request.set_count = 1;
	request.set[0] = (struct interest){ .slot = aim->slot, .events = POLLOUT };
	act(aim, &request, &reply);
}

/* What a blocking send does now: it ends by a time-out or by a signal. */
static void send_into_full(const struct aim *aim)
{
	bool timed = aim->operation->flags & 4 || aim->performer == THREAD;
	struct request request = request_send(aim, timed ? CALL_SEND_TIMED : CALL_INTERRUPT, 3000);
	struct reply reply;

	request.settle.wanted = 0;
	request.variant = timed ? (int)(aim->operation->variant % 6) : 4;
	request.argument = timed ? 8 : 0;
	act_sending(aim, &request, &reply);
}

/* Until it is full, and empty again. How much that is, is the connection's own affair. */
void run_fill(const struct aim *aim)
{
	struct request request = request_send(aim, CALL_FILL, 0);
	struct reply reply;
	struct aim across;

	aim_across(aim, &across);
	request.variant = (int)(aim->operation->variant % 4);
	request.flags = MSG_DONTWAIT;
	request.argument = (int64_t)from_one(aim->operation->length, BUFFER_SIZE);
	if (request.argument < 1000)
		request.argument += 1000;
	act_sending(aim, &request, &reply);
	/* What moves from a full ring to TCP has room again; and so has TCP, by itself, after a while. */
	if (!aim->model->loose && !aim->self->nonblocking && aim->operation->flags & 3)
		send_into_full(aim);
	else if (!aim->model->loose)
		wait_writable(aim, 0);
	request = take_request(&across, model_waiting(aim->model, across.end, aim->connection),
			       aim->operation->salt >> 3);
	request.untold = UNTOLD;
	act_receiving(&across, &request, &reply);
	wait_writable(aim, 5000);
}
