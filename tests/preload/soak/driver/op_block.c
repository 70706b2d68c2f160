/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls that wait: until the other end does something, until a time-out, until a signal. */
#include "operation.h"

#include "actor/actor.h"

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

#define LITTLE 2000

/* A blocking receive here would wait. */
static bool would_wait(const struct aim *aim)
{
	return !aim->self->nonblocking && !model_ended(aim->model, aim->end, aim->connection) &&
	       model_waiting(aim->model, aim->end, aim->connection) == 0;
}

/* -- woken by the other end ------------------------------------------------------------------- */

enum waiting { IN_RECEIVE, IN_RECEIVE_ALL, IN_WAIT };
enum waker { BY_BYTES, BY_SHUTDOWN, BY_CLOSE, BY_OWN_SHUTDOWN };

static enum waiting waiting_of(const struct operation *operation)
{
	return (enum waiting)(operation->flags % 3);
}

static enum waker waker_of(const struct operation *operation)
{
	static const enum waker wakers[] = { BY_BYTES, BY_BYTES,    BY_BYTES,        BY_BYTES,
					     BY_BYTES, BY_BYTES,    BY_BYTES,        BY_BYTES,
					     BY_BYTES, BY_SHUTDOWN, BY_OWN_SHUTDOWN, BY_CLOSE };

	return wakers[operation->variant / 8 % 12];
}

/* Another performer of this end that can act while this one waits, on the same descriptor or not.
 */
static bool aim_beside(const struct aim *aim, struct aim *beside)
{
	*beside = *aim;
	for (int performer = 0; performer < PERFORMERS; performer++) {
		if (performer == (int)aim->performer ||
		    !model_performs(aim->model, aim->end, (enum performer)performer))
			continue;
		beside->performer = (enum performer)performer;
		beside->process = process_of(beside->performer);
		beside->slot = model_slot(aim->model, aim->end, beside->process, aim->connection,
					  aim->operation->pick);
		if (beside->slot >= 0)
			return true;
	}
	return false;
}

bool possible_block(const struct aim *aim)
{
	struct aim other;

	if (aim->self->nonblocking && waiting_of(aim->operation) != IN_WAIT)
		return false;
	if (model_waiting(aim->model, aim->end, aim->connection) > 0 ||
	    model_ended(aim->model, aim->end, aim->connection))
		return false;
	switch (waker_of(aim->operation)) {
	case BY_OWN_SHUTDOWN:
		return aim_beside(aim, &other);
	case BY_CLOSE:
		return aim_across(aim, &other) &&
		       model_holders(aim->model, other.end, aim->connection) == 1;
	default:
		return aim_across(aim, &other) && !aim->peer->reset;
	}
}

/* What is to be waited for must not come while the call waits for what was before. */
static void settle_here(const struct aim *aim, struct request *request)
{
	struct request settle = request_for(aim, CALL_SETTLE);
	struct reply reply;

	act(aim, &settle, &reply);
	request->settle.wanted = 0;
}

static void start_waiting(const struct aim *aim, uint64_t length)
{
	const struct operation *operation = aim->operation;
	struct request request;

	if (waiting_of(operation) == IN_WAIT) {
		request = request_for(aim, CALL_WAIT);
		request.variant = (int)(operation->variant % 6);
		request.argument = 6000;
		request.set_count = 1;
		request.set[0] = (struct interest){ .slot = aim->slot, .events = POLLIN };
	} else {
		/* Without MSG_WAITALL a part of the bytes may come first. */
		request = request_receive(aim, CALL_RECEIVE, length);
		request.flags = waiting_of(operation) == IN_RECEIVE_ALL ? MSG_WAITALL : 0;
		request.untold =
			waiting_of(operation) == IN_RECEIVE && waker_of(operation) == BY_BYTES
				? UNTOLD_PART
				: 0;
		request.variant = request.flags ? 3 : (int)(operation->pick % 4);
	}
	settle_here(aim, &request);
	start(aim->world, aim->end, aim->performer, &request);
	await_asleep(aim->world, aim->end, aim->performer);
}

static void finish_waiting(const struct aim *aim)
{
	struct reply reply;

	finish(aim->world, aim->end, aim->performer, &reply);
	aim->self->taken += (uint64_t)reply.moved;
}

/* One that sends while another waits for the same connection must not disturb it. */
static void send_beside(const struct aim *aim)
{
	struct request request;
	struct reply reply;
	struct aim beside;

	if (!model_flows(aim->model, aim->end, aim->connection) ||
	    model_room(aim->model, aim->end, aim->connection) < LITTLE || aim->peer->write_shut ||
	    !aim_beside(aim, &beside))
		return;
	request = request_send(&beside, CALL_SEND, 1 + aim->operation->salt % LITTLE);
	request.variant = (int)((aim->operation->salt >> 20) % SEND_VARIANTS);
	act_sending(&beside, &request, &reply);
}

static void wake(const struct aim *by, uint64_t length)
{
	struct request request = request_send(by, CALL_SEND, length);
	struct reply reply;

	switch (waker_of(by->operation)) {
	case BY_BYTES:
		request.variant = (int)((by->operation->salt >> 24) % SEND_VARIANTS);
		act_sending(by, &request, &reply);
		break;
	case BY_CLOSE:
		request = request_for(by, CALL_CLOSE);
		act(by, &request, &reply);
		model_drop(by->model, by->end, by->process, by->slot);
		break;
	default:
		request = request_for(by, CALL_SHUTDOWN);
		request.argument = waker_of(by->operation) == BY_SHUTDOWN ? SHUT_WR : SHUT_RD;
		act(by, &request, &reply);
		model_shut(by->model, by->end, by->connection, (int)request.argument);
		break;
	}
}

/* The bytes may have come in two parts, and the call have returned with the first. */
static void take_rest(const struct aim *aim)
{
	uint64_t rest = model_waiting(aim->model, aim->end, aim->connection);
	struct request request = request_receive(aim, CALL_TAKE, rest);
	struct reply reply;

	if (waiting_of(aim->operation) != IN_RECEIVE || waker_of(aim->operation) != BY_BYTES)
		return;
	request.argument = 1000;
	request.untold = UNTOLD;
	act_receiving(aim, &request, &reply);
}

void run_block(const struct aim *aim)
{
	uint64_t length = 1 + aim->operation->length % LITTLE;
	struct aim by;

	start_waiting(aim, length);
	if (aim->operation->salt & 1)
		send_beside(aim);
	if (waker_of(aim->operation) == BY_OWN_SHUTDOWN)
		aim_beside(aim, &by);
	else
		aim_across(aim, &by);
	wake(&by, length);
	finish_waiting(aim);
	take_rest(aim);
}

/* -- ended by time or signals ----------------------------------------------------------------- */

bool possible_timed(const struct aim *aim)
{
	return would_wait(aim);
}

void run_timed(const struct aim *aim)
{
	struct request request = request_receive(aim, CALL_RECEIVE_TIMED, 100);
	struct reply reply;

	request.variant = (int)(aim->operation->variant % RECEIVE_VARIANTS);
	request.argument = 2 + aim->operation->pick % 10;
	act_receiving(aim, &request, &reply);
}

#define RECEIVING 5 /* from this variant on, see act_interrupt */
#define ACCEPTING 3
#define SENDING 4

static int interrupt_variant(const struct operation *operation)
{
	return (int)(operation->variant % (RECEIVING + RECEIVE_VARIANTS));
}

/* The handler says SA_RESTART, and the call is one that then goes on. */
static bool goes_on(const struct operation *operation)
{
	return interrupt_variant(operation) >= RECEIVING && operation->flags & 1 &&
	       !(operation->flags & 2);
}

bool possible_interrupt(const struct aim *aim)
{
	int variant = interrupt_variant(aim->operation);
	struct aim across;

	if (aim->performer == THREAD || variant == SENDING)
		return false;
	if (goes_on(aim->operation) && !aim_across(aim, &across))
		return false;
	if (variant == ACCEPTING)
		return aim->end == B && aim->process == FIRST && !(aim->operation->flags & 1) &&
		       !aim->model->listener_nonblocking;
	return would_wait(aim) && !aim->peer->reset;
}

static void interrupt_and_send(const struct aim *aim, const struct request *request)
{
	struct request bytes;
	struct reply reply;
	struct aim across;

	aim_across(aim, &across);
	start(aim->world, aim->end, aim->performer, request);
	if (!await_note(aim->world, aim->end, aim->performer))
		return;
	bytes = request_send(&across, CALL_SEND, (uint64_t)request->length);
	act_sending(&across, &bytes, &reply);
	finish_waiting(aim);
}

void run_interrupt(const struct aim *aim)
{
	const struct operation *operation = aim->operation;
	struct request request = request_receive(aim, CALL_INTERRUPT, 1 + operation->length % 100);
	struct reply reply;

	request.variant = interrupt_variant(operation);
	request.flags = operation->flags & 1 ? SA_RESTART : 0;
	request.argument2 = operation->flags & 2 ? 4000 : 0;
	request.argument = goes_on(operation);
	settle_here(aim, &request);
	if (goes_on(operation))
		interrupt_and_send(aim, &request);
	else
		act_receiving(aim, &request, &reply);
}
