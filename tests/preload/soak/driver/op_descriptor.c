/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copies of descriptors, and closing them: the last one ends the connection. */
#include "operation.h"

bool possible_dup(const struct aim *aim)
{
	return model_free_slot(aim->model, aim->end, aim->process) >= 0;
}

void run_dup(const struct aim *aim)
{
	struct request request = request_for(aim, CALL_DUP);
	struct reply reply;

	request.variant = (int)(aim->operation->variant % 7);
	request.other = model_free_slot(aim->model, aim->end, aim->process);
	act(aim, &request, &reply);
	model_put(aim->model, aim->end, aim->process, request.other, aim->connection,
		  reply.value != 0);
}

static int target(const struct aim *aim)
{
	return model_used_slot(aim->model, aim->end, aim->process, aim->operation->variant);
}

/* epoll(7), question 6: a set goes on with a descriptor that was closed while a copy is open; not on the way to a ring. */
static bool has_copies(const struct aim *aim, int slot)
{
	const struct model_process *process = &aim->model->processes[aim->end][aim->process];

	return model_holders(aim->model, aim->end, process->slots[slot].connection) > 1;
}

/* Not over the last descriptor of another connection, which would end too often. */
bool possible_dup_onto(const struct aim *aim)
{
	int onto = target(aim), connection;

	if (onto < 0)
		return false;
	connection = aim->model->processes[aim->end][aim->process].slots[onto].connection;
	return connection == aim->connection || CHANCE(aim->operation->flags >> 8, 8) ||
	       model_holders(aim->model, aim->end, connection) > 1;
}

void run_dup_onto(const struct aim *aim)
{
	struct request request = request_for(aim, CALL_DUP_ONTO);
	struct reply reply;
	int onto = target(aim);

	settle_both_ways(aim);
	request.variant = (int)(aim->operation->flags % 2);
	request.other = onto;
	request.argument = has_copies(aim, onto);
	act(aim, &request, &reply);
	if (onto == aim->slot)
		return;
	model_drop(aim->model, aim->end, aim->process, onto);
	model_put(aim->model, aim->end, aim->process, onto, aim->connection, reply.value != 0);
}

bool possible_close_copy(const struct aim *aim)
{
	return model_holders(aim->model, aim->end, aim->connection) > 1;
}

bool possible_close_last(const struct aim *aim)
{
	return model_holders(aim->model, aim->end, aim->connection) == 1;
}

void run_close(const struct aim *aim)
{
	struct request request = request_for(aim, CALL_CLOSE);
	struct reply reply;

	settle_across(aim);
	request.variant = (int)(aim->operation->variant % 2);
	request.argument = has_copies(aim, aim->slot);
	act(aim, &request, &reply);
	model_drop(aim->model, aim->end, aim->process, aim->slot);
}

void run_close_range(const struct aim *aim)
{
	struct request request = request_for(aim, CALL_CLOSE_RANGE);
	struct reply reply;

	settle_across(aim);
	request.variant = (int)(aim->operation->variant % 4);
	request.argument = has_copies(aim, aim->slot);
	act(aim, &request, &reply);
	model_drop(aim->model, aim->end, aim->process, aim->slot);
}

void run_linger(const struct aim *aim)
{
	struct request request = request_for(aim, CALL_LINGER);
	struct reply reply;

	request.argument = aim->operation->variant % 2;
	act(aim, &request, &reply);
	aim->self->resets = request.argument == 0;
}
