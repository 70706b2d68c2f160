/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One call that sends, or receives, what is there. */
#include "operation.h"

#include "actor/actor.h"

#include <sys/socket.h>

static uint64_t least(uint64_t one, uint64_t other)
{
	return one < other ? one : other;
}

/* -- sending ---------------------------------------------------------------------------------- */

static bool takes_send_flags(int variant)
{
	return variant == 0 || (variant >= 3 && variant <= 5);
}

static bool has_room(const struct aim *aim)
{
	return aim->peer->closed || aim->self->reset || aim->self->write_shut ||
	       model_room(aim->model, aim->end, aim->connection) > 0;
}

static uint64_t fitting(const struct aim *aim, uint64_t length)
{
	uint64_t room = model_room(aim->model, aim->end, aim->connection);

	return least(length, room ? room : 100);
}

bool possible_send(const struct aim *aim)
{
	return has_room(aim);
}

void run_send(const struct aim *aim)
{
	const struct operation *operation = aim->operation;
	struct request request = request_send(aim, CALL_SEND, fitting(aim, operation->length));
	struct reply reply;

	request.variant = (int)(operation->variant % SEND_VARIANTS);
	/* The first message's reset may come before the second one or not. */
	if (request.variant == 5 && aim->peer->closed)
		request.variant = 0;
	if (takes_send_flags(request.variant)) {
		request.flags |= CHANCE(operation->flags, 3) ? MSG_NOSIGNAL : 0;
		request.flags |= CHANCE(operation->flags >> 8, 3) ? MSG_DONTWAIT : 0;
	}
	act_sending(aim, &request, &reply);
}

/* Bytes kept back, then let go: in between the other end may see them or not. */
bool possible_cork(const struct aim *aim)
{
	return model_flows(aim->model, aim->end, aim->connection) && !aim->peer->write_shut &&
	       model_room(aim->model, aim->end, aim->connection) > 1000;
}

void run_cork(const struct aim *aim)
{
	static const int variants[] = { 0, 3, 4, 5 };
	const struct operation *operation = aim->operation;
	int count = 1 + (int)(operation->pick % 4);
	struct reply reply;

	for (int at = 0; at <= count; at++) {
		uint64_t length = 1 + (operation->length + (uint64_t)at * 37) % 200;
		struct request request = request_send(aim, CALL_SEND, length);

		request.variant = variants[(operation->variant >> (at * 2)) % 4];
		request.flags = at < count ? MSG_MORE : 0;
		act_sending(aim, &request, &reply);
	}
}

/* -- receiving -------------------------------------------------------------------------------- */

#define BY_MESSAGES 4

static bool takes_receive_flags(int variant)
{
	return (variant >= 3 && variant <= 5) || variant == 0 || variant >= 7;
}

static int receive_flags(const struct operation *operation, int variant)
{
	unsigned random = operation->flags;
	int flags = 0;

	if (!takes_receive_flags(variant))
		return 0;
	flags |= CHANCE(random, 6) && variant != BY_MESSAGES ? MSG_PEEK : 0;
	flags |= CHANCE(random >> 4, 6) ? MSG_WAITALL : 0;
	flags |= CHANCE(random >> 8, 3) ? MSG_DONTWAIT : 0;
	flags |= CHANCE(random >> 12, 12) ? MSG_TRUNC : 0;
	flags |= CHANCE(random >> 16, 12) ? MSG_CMSG_CLOEXEC : 0;
	flags |= CHANCE(random >> 20, 4) && variant == BY_MESSAGES ? MSG_WAITFORONE : 0;
	return flags;
}

/* How many bytes must be there for the call not to wait for more. */
static uint64_t needed(uint64_t length, int variant, int flags, uint64_t salt)
{
	uint64_t count = length < 4 ? 1 : 1 + salt % 4; /* as the actor divides it */

	if (variant == BY_MESSAGES && !(flags & MSG_WAITFORONE))
		return flags & MSG_WAITALL && length > 0 ? length
							 : (count - 1) * (length / count) + 1;
	return flags & MSG_WAITALL && length > 0 ? length : 1;
}

static struct request receive_request(const struct aim *aim)
{
	const struct operation *operation = aim->operation;
	struct request request =
		request_receive(aim, CALL_RECEIVE, least(operation->length, BUFFER_SIZE));

	request.variant = (int)(operation->variant % RECEIVE_VARIANTS);
	/* recvmmsg alone tells of a pending error before the bytes that came before it; and how it
	 * spreads bytes that come in parts cannot be compared. */
	if (request.variant == BY_MESSAGES && (aim->self->reset || aim->model->loose))
		request.variant = 0;
	request.flags = receive_flags(operation, request.variant);
	return request;
}

/* While a connection moves between TCP and the ring what waits may come in parts, as TCP may
 * deliver it too, or a moment later; a call that waits for all of it gets all. */
static bool may_come_in_parts(const struct aim *aim, const struct request *request)
{
	bool waits = !aim->self->nonblocking && !(request->flags & MSG_DONTWAIT);

	if (!aim->model->loose || aim->self->reset)
		return false;
	return model_waiting(aim->model, aim->end, aim->connection) > 0 &&
	       !(waits && request->flags & MSG_WAITALL);
}

/* So that both worlds go on from the same place. */
static void take_other_parts(const struct aim *aim, const struct request *first, int64_t moved)
{
	uint64_t there = model_waiting(aim->model, aim->end, aim->connection) + (uint64_t)moved;
	uint64_t expected = least((uint64_t)first->length, there);
	struct request request = request_receive(aim, CALL_TAKE, expected - (uint64_t)moved);
	struct reply reply;

	request.argument = BUFFER_SIZE;
	request.untold = UNTOLD;
	act_receiving(aim, &request, &reply);
}

bool possible_receive(const struct aim *aim)
{
	struct request request = receive_request(aim);

	return aim->self->nonblocking || (request.flags & MSG_DONTWAIT) ||
	       model_ended(aim->model, aim->end, aim->connection) ||
	       model_waiting(aim->model, aim->end, aim->connection) >=
		       needed((uint64_t)request.length, request.variant, (int)request.flags,
			      request.salt);
}

void run_receive(const struct aim *aim)
{
	struct request request = receive_request(aim);
	bool in_parts = may_come_in_parts(aim, &request);
	struct reply reply;

	request.untold = in_parts ? UNTOLD_ANY : 0;
	act_receiving(aim, &request, &reply);
	if (in_parts && !(request.flags & MSG_PEEK))
		take_other_parts(aim, &request, reply.moved);
}

bool possible_take(const struct aim *aim)
{
	return model_waiting(aim->model, aim->end, aim->connection) > 0;
}

/* All that is there. */
void run_take(const struct aim *aim)
{
	struct request request = request_receive(
		aim, CALL_TAKE, model_waiting(aim->model, aim->end, aim->connection));
	struct reply reply;

	request.variant = aim->self->reset ? 0 : (int)(aim->operation->variant % RECEIVE_VARIANTS);
	/* In a hundred parts at most. */
	request.argument =
		1 + request.length / 100 + (int64_t)(aim->operation->length % BUFFER_SIZE);
	act_receiving(aim, &request, &reply);
}

void run_unread(const struct aim *aim)
{
	struct request request = request_for(aim, CALL_UNREAD);
	struct reply reply;

	act(aim, &request, &reply);
}
