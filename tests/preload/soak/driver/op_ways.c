/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bytes by pipes, stdio and out of band; the library under test leaves the ring for most of them.
 */
#include "operation.h"

#include <stdio.h>

#define PIPE ((uint64_t)60000)

bool possible_splice_out(const struct aim *aim)
{
	return possible_send(aim);
}

void run_splice_out(const struct aim *aim)
{
	uint64_t room = model_room(aim->model, aim->end, aim->connection);
	uint64_t length = 1 + aim->operation->length % (room && room < PIPE ? room : PIPE);
	struct request request;
	struct reply reply;

	if (!room && length > 100)
		length = 100;
	request = request_send(aim, CALL_SPLICE_OUT, length);
	act_sending(aim, &request, &reply);
}

bool possible_splice_in(const struct aim *aim)
{
	uint64_t waiting = model_waiting(aim->model, aim->end, aim->connection);

	return waiting > 0 && waiting < PIPE;
}

void run_splice_in(const struct aim *aim)
{
	struct request request = request_receive(
		aim, CALL_SPLICE_IN, model_waiting(aim->model, aim->end, aim->connection));
	struct reply reply;

	act_receiving(aim, &request, &reply);
}

/* Bytes that are no part of the stream: nothing else may be under way. */
static bool flows_and_empty(const struct aim *aim)
{
	struct aim across;

	return model_flows(aim->model, aim->end, aim->connection) && !aim->peer->write_shut &&
	       aim_across(aim, &across) &&
	       model_waiting(aim->model, across.end, aim->connection) == 0;
}

bool possible_print(const struct aim *aim)
{
	return flows_and_empty(aim);
}

void run_print(const struct aim *aim)
{
	struct request request = request_for(aim, CALL_PRINT);
	struct aim across;
	struct reply reply;

	request.argument = (int64_t)(aim->operation->length % 100000);
	act(aim, &request, &reply);
	aim_across(aim, &across);
	request = request_for(&across, CALL_GETS);
	request.settle.bytes = reply.result;
	act(&across, &request, &reply);
}

bool possible_urgent(const struct aim *aim)
{
	return flows_and_empty(aim);
}

void run_urgent(const struct aim *aim)
{
	struct request request = request_send(aim, CALL_URGENT_SEND, aim->operation->length % 1000);
	int64_t before = request.length, after = 1 + aim->operation->pick % 1000;
	struct aim across;
	struct reply reply;

	request.argument = after;
	aim_across(aim, &across);
	act_sending(aim, &request, &reply);
	request = request_receive(&across, CALL_URGENT_RECEIVE, (uint64_t)before);
	request.argument = after;
	request.settle.wanted = 0;
	act_receiving(&across, &request, &reply);
}
