/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Connections come to be, are asked about, set up, and shut down. */
#include "operation.h"

#include <poll.h>
#include <sys/socket.h>

/* -- opening ---------------------------------------------------------------------------------- */

void listen_anew(struct world *world)
{
	uint64_t seed = world->model.seed;
	struct request request = { .call = CALL_LISTEN };
	struct reply reply;

	world->model.listener_nonblocking = seed & 1;
	request.flags = world->model.listener_nonblocking ? SOCK_NONBLOCK : 0;
	request.argument = seed & 6 ? 100000 : 0;
	perform(world, B, MAIN, &request, &reply);
	world->model.port = reply.value;
}

/* Who accepts: any performer of B with a free slot. */
static bool aim_accepting(const struct aim *aim, struct aim *accepting)
{
	*accepting = *aim;
	accepting->end = B;
	accepting->performer = aim->operation->other_performer;
	if (!model_performs(aim->model, B, accepting->performer))
		accepting->performer = MAIN;
	accepting->process = process_of(accepting->performer);
	accepting->connection = model_free_connection(aim->model);
	accepting->slot = model_free_slot(aim->model, B, accepting->process);
	return accepting->slot >= 0;
}

static bool aim_connecting(const struct aim *aim, struct aim *connecting)
{
	*connecting = *aim;
	connecting->end = A;
	connecting->performer = model_performs(aim->model, A, aim->operation->performer)
					? aim->operation->performer
					: MAIN;
	connecting->process = process_of(connecting->performer);
	connecting->connection = model_free_connection(aim->model);
	connecting->slot = model_free_slot(aim->model, A, connecting->process);
	return connecting->slot >= 0;
}

bool possible_open(const struct aim *aim)
{
	struct aim either;

	return model_free_connection(aim->model) != NO_CONNECTION && aim_accepting(aim, &either) &&
	       aim_connecting(aim, &either);
}

static void await_listener(const struct aim *accepting)
{
	struct request request = { .call = CALL_WAIT, .argument = 5000, .set_count = 1 };
	struct reply reply;

	request.set[0] = (struct interest){ .slot = LISTENER, .events = POLLIN };
	act(accepting, &request, &reply);
}

static struct request connect_request(const struct aim *connecting)
{
	const struct operation *operation = connecting->operation;
	struct request request = { .call = CALL_CONNECT, .slot = connecting->slot };

	request.variant = (int)(operation->variant % 3);
	request.flags = operation->flags & 1 ? SOCK_CLOEXEC : 0;
	request.argument2 = operation->flags & 2 ? 100000 : 0;
	request.key = (uint64_t)connecting->model->port;
	return request;
}

static struct request accept_request(const struct aim *accepting)
{
	const struct operation *operation = accepting->operation;
	struct request request = { .call = CALL_ACCEPT, .slot = accepting->slot };

	request.variant = (int)(operation->pick % 2);
	if (request.variant) {
		request.flags |= operation->flags & 4 ? SOCK_NONBLOCK : 0;
		request.flags |= operation->flags & 8 ? SOCK_CLOEXEC : 0;
	}
	return request;
}

static void finish_connecting(struct aim *connecting, const struct request *request)
{
	struct reply reply;

	finish(connecting->world, connecting->end, connecting->performer, &reply);
	connecting->self->port = reply.value;
	connecting->self->nonblocking = request->variant == 1;
	model_put(connecting->model, A, connecting->process, connecting->slot,
		  connecting->connection, request->flags & SOCK_CLOEXEC);
}

static void finish_accepting(struct aim *accepting, const struct request *request)
{
	struct reply reply;

	finish(accepting->world, accepting->end, accepting->performer, &reply);
	if (reply.value != accepting->peer->port)
		note(accepting->world, " !! from another port");
	accepting->self->port = accepting->model->port;
	accepting->self->nonblocking = request->flags & SOCK_NONBLOCK;
	model_put(accepting->model, B, accepting->process, accepting->slot, accepting->connection,
		  request->flags & SOCK_CLOEXEC);
}

/* Both at once: whoever waits for the other in its first call must not wait in vain. */
static void greet(const struct aim *from, const struct aim *to)
{
	struct request take = request_receive(to, CALL_TAKE, 3);
	struct request give = request_send(from, CALL_GIVE, 3);
	struct reply reply;

	take.argument = give.argument = 10;
	take.settle.wanted = give.settle.wanted = 0;
	start(to->world, to->end, to->performer, &take);
	act_sending(from, &give, &reply);
	finish(to->world, to->end, to->performer, &reply);
	to->self->taken += (uint64_t)reply.moved;
}

static void undelay(const struct aim *aim)
{
	struct request request = request_for(aim, CALL_OPTION_SET);
	struct reply reply;

	request.variant = 0; /* TCP_NODELAY */
	request.argument = 1;
	act(aim, &request, &reply);
}

static void connect_and_accept(struct aim *connecting, struct aim *accepting)
{
	struct request connect = connect_request(connecting), accept = accept_request(accepting);
	bool first = !accepting->model->listener_nonblocking && accepting->operation->flags & 16;

	if (first) {
		start(accepting->world, B, accepting->performer, &accept);
		await_asleep(accepting->world, B, accepting->performer);
	}
	start(connecting->world, A, connecting->performer, &connect);
	finish_connecting(connecting, &connect);
	if (!first) {
		await_listener(accepting);
		start(accepting->world, B, accepting->performer, &accept);
	}
	finish_accepting(accepting, &accept);
}

void run_open(const struct aim *aim)
{
	struct aim connecting, accepting;
	int connection = model_free_connection(aim->model);
	struct model_side *sides = aim->model->connections[connection].side;

	aim_connecting(aim, &connecting);
	aim_accepting(aim, &accepting);
	connecting.self = accepting.peer = &sides[A];
	connecting.peer = accepting.self = &sides[B];
	model_open(aim->model, connection);
	connect_and_accept(&connecting, &accepting);
	/* Without it bytes wait for delayed acknowledgements, and each operation for them. */
	if (!CHANCE(aim->model->seed, 30) || CHANCE(aim->operation->flags >> 8, 2)) {
		undelay(&connecting);
		undelay(&accepting);
	}
	if (aim->model->greets || aim->operation->flags & 32) {
		greet(&connecting, &accepting);
		greet(&accepting, &connecting);
	}
}

void run_refused(const struct aim *aim)
{
	struct request request = { .call = CALL_REFUSED };
	struct reply reply;

	request.variant = (int)(aim->operation->variant % 3);
	act(aim, &request, &reply);
}

bool possible_accept_none(const struct aim *aim)
{
	return aim->end == B && aim->model->listener_nonblocking;
}

void run_accept_none(const struct aim *aim)
{
	struct request request = { .call = CALL_ACCEPT, .slot = LISTENER };
	struct reply reply;

	request.variant = (int)(aim->operation->variant % 2);
	act(aim, &request, &reply);
}

/* -- questions and settings ------------------------------------------------------------------- */

void run_names(const struct aim *aim)
{
	struct request request = request_for(aim, CALL_NAMES);
	struct reply reply;

	request.key = (uint64_t)aim->self->port;
	request.key2 = (uint64_t)aim->peer->port;
	act(aim, &request, &reply);
}

void run_option_get(const struct aim *aim)
{
	struct request request = request_for(aim, CALL_OPTION_GET);
	struct reply reply;

	request.variant = (int)(aim->operation->variant & 0xffff);
	request.argument = aim->model->loose;
	act(aim, &request, &reply);
}

void run_option_set(const struct aim *aim)
{
	struct request request = request_for(aim, CALL_OPTION_SET);
	struct reply reply;

	request.variant = (int)(aim->operation->variant & 0xffff);
	request.argument = aim->operation->flags % 2;
	act(aim, &request, &reply);
}

void run_nonblock(const struct aim *aim)
{
	struct request request = request_for(aim, CALL_NONBLOCK);
	struct reply reply;

	request.variant = (int)(aim->operation->variant % 2);
	request.argument = !aim->self->nonblocking;
	act(aim, &request, &reply);
	aim->self->nonblocking = !aim->self->nonblocking;
}

void run_odd(const struct aim *aim)
{
	struct request request = request_for(aim, CALL_ODD);
	struct reply reply;

	request.variant = (int)(aim->operation->variant & 0xffff);
	request.argument = aim->model->loose;
	act(aim, &request, &reply);
}

void run_shutdown(const struct aim *aim)
{
	static const int hows[] = { SHUT_WR, SHUT_WR, SHUT_RD, SHUT_RDWR };
	struct request request = request_for(aim, CALL_SHUTDOWN);
	struct reply reply;

	request.argument = hows[aim->operation->variant % 4];
	act(aim, &request, &reply);
	model_shut(aim->model, aim->end, aim->connection, (int)request.argument);
}
