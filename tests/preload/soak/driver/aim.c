/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an operation is about, and requests about that. */
#include "operation.h"

bool operation_aim(struct world *world, const struct operation *operation, struct aim *aim)
{
	const struct operation_type *type = &operation_types[operation->type];
	struct model_side *sides = world->model.connections[operation->connection].side;

	*aim = (struct aim){
		.world = world,
		.model = &world->model,
		.operation = operation,
		.end = operation->end,
		.performer = operation->performer,
		.process = process_of(operation->performer),
		.connection = operation->connection,
		.slot = -1,
		.self = &sides[operation->end],
		.peer = &sides[!operation->end],
	};
	if (!model_performs(aim->model, aim->end, aim->performer))
		return false;
	aim->slot =
		model_slot(aim->model, aim->end, aim->process, aim->connection, operation->pick);
	if (type->needs_slot && aim->slot < 0)
		return false;
	return !type->possible || type->possible(aim);
}

bool aim_across(const struct aim *aim, struct aim *across)
{
	*across = *aim;
	across->end = aim->end == A ? B : A;
	across->self = aim->peer;
	across->peer = aim->self;
	for (int turn = 0; turn < PERFORMERS; turn++) {
		unsigned at =
			((unsigned)aim->operation->other_performer + (unsigned)turn) % PERFORMERS;

		across->performer = (enum performer)at;
		across->process = process_of(across->performer);
		across->slot = model_slot(aim->model, across->end, across->process, aim->connection,
					  aim->operation->pick);
		if (across->slot >= 0 && model_performs(aim->model, across->end, across->performer))
			return true;
	}
	return false;
}

struct request request_for(const struct aim *aim, enum call call)
{
	return (struct request){
		.call = (int32_t)call,
		.slot = aim->slot,
		.salt = aim->operation->salt,
		.settle = model_settle(aim->model, aim->end, aim->connection),
	};
}

struct request request_send(const struct aim *aim, enum call call, uint64_t length)
{
	struct request request = request_for(aim, call);

	request.length = (int64_t)length;
	request.key = model_key(aim->model, aim->end, aim->connection);
	request.position = aim->self->sent;
	return request;
}

struct request request_receive(const struct aim *aim, enum call call, uint64_t length)
{
	struct request request = request_for(aim, call);

	request.length = (int64_t)length;
	request.key = model_key(aim->model, aim->end == A ? B : A, aim->connection);
	request.position = aim->self->taken;
	return request;
}

void act(const struct aim *aim, const struct request *request, struct reply *reply)
{
	perform(aim->world, aim->end, aim->performer, request, reply);
}

void act_sending(const struct aim *aim, const struct request *request, struct reply *reply)
{
	act(aim, request, reply);
	model_sent(aim->model, aim->end, aim->connection, reply->moved);
}

void act_receiving(const struct aim *aim, const struct request *request, struct reply *reply)
{
	act(aim, request, reply);
	aim->self->taken += (uint64_t)reply->moved;
}

static void settle_one(const struct aim *aim)
{
	struct request request = request_for(aim, CALL_SETTLE);
	struct reply reply;

	act(aim, &request, &reply);
}

void settle_across(const struct aim *aim)
{
	struct aim across;

	if (aim_across(aim, &across))
		settle_one(&across);
}

static void settle_each(const struct aim *aim, bool both_ways)
{
	for (int connection = 0; connection < CONNECTIONS; connection++) {
		struct model_side *sides = aim->model->connections[connection].side;
		struct aim at = *aim;

		at.connection = connection;
		at.slot = model_slot(aim->model, aim->end, aim->process, connection, 0);
		at.self = &sides[aim->end];
		at.peer = &sides[!aim->end];
		if (at.slot < 0)
			continue;
		settle_one(&at);
		if (both_ways)
			settle_across(&at);
	}
}

void settle_all(const struct aim *aim)
{
	settle_each(aim, false);
}

void settle_both_ways(const struct aim *aim)
{
	settle_each(aim, true);
}
