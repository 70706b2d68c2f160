/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* poll, select and epoll, on what is settled. */
#include "operation.h"

#include <sys/epoll.h>

#define WAIT_VARIANTS 7

static int events_of(unsigned random)
{
	static const int events[] = { EPOLLIN,
				      EPOLLOUT,
				      EPOLLIN | EPOLLOUT,
				      EPOLLIN | EPOLLRDHUP,
				      EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLPRI,
				      0,
				      EPOLLRDHUP,
				      EPOLLIN | EPOLLRDNORM | EPOLLWRNORM };

	return events[random % 8];
}

/* All connections that the performer has, in one wait. */
void run_wait(const struct aim *aim)
{
	const struct operation *operation = aim->operation;
	struct request request = request_for(aim, CALL_WAIT);
	struct reply reply;

	settle_all(aim);
	request.variant = (int)(operation->variant % WAIT_VARIANTS);
	request.argument = CHANCE(operation->flags >> 12, 30) ? 2 : 0;
	for (int at = 0; at < CONNECTIONS; at++) {
		int slot = model_slot(aim->model, aim->end, aim->process,
				      (aim->connection + at) % CONNECTIONS, operation->pick);

		if (slot >= 0)
			request.set[request.set_count++] =
				(struct interest){ slot, events_of(operation->flags >> (at * 3)) };
	}
	act(aim, &request, &reply);
}

/* -- epoll instances of the first process, and of the second as it inherited them -------------- */

static struct model_process *here(const struct aim *aim)
{
	return &aim->model->processes[aim->end][aim->process];
}

static int which(const struct aim *aim)
{
	return (int)(aim->operation->variant / 16 % EPOLLS);
}

static struct request epoll_request(const struct aim *aim, enum call call)
{
	return (struct request){ .call = (int32_t)call, .slot = aim->slot, .other = which(aim) };
}

bool possible_epoll_open(const struct aim *aim)
{
	return !here(aim)->epolls[which(aim)];
}

void run_epoll_open(const struct aim *aim)
{
	struct request request = epoll_request(aim, CALL_EPOLL_OPEN);
	struct reply reply;

	request.variant = (int)(aim->operation->flags % 2);
	act(aim, &request, &reply);
	here(aim)->epolls[which(aim)] = true;
	here(aim)->mixed[which(aim)] = false;
}

/* What has fired with EPOLLONESHOT cannot be moved, so a set that two processes shared is not the same for the other. */
bool possible_epoll_set(const struct aim *aim)
{
	return here(aim)->epolls[which(aim)] && !here(aim)->mixed[which(aim)];
}

void run_epoll_set(const struct aim *aim)
{
	static const unsigned modes[] = { 0, 0, EPOLLET, EPOLLONESHOT, EPOLLET | EPOLLONESHOT };
	const struct operation *operation = aim->operation;
	struct request request = epoll_request(aim, CALL_EPOLL_SET);
	struct reply reply;

	request.settle = model_settle(aim->model, aim->end, aim->connection);
	request.variant = CHANCE(operation->flags >> 4, 4) ? 2 : (int)(operation->flags % 3);
	request.flags = (int64_t)((unsigned)events_of(operation->flags >> 8) |
				  modes[(operation->flags >> 16) % 5]);
	request.argument = aim->connection * 10 + aim->slot;
	if (modes[(operation->flags >> 16) % 5] == EPOLLET)
		request.argument += EDGES;
	act(aim, &request, &reply);
}

bool possible_epoll_nest(const struct aim *aim)
{
	const struct model_process *process = here(aim);

	return process->epolls[0] && process->epolls[1] &&
	       (process->nested < 0 || process->nested == !which(aim));
}

void run_epoll_nest(const struct aim *aim)
{
	struct request request = epoll_request(aim, CALL_EPOLL_NEST);
	struct reply reply;

	request.variant = here(aim)->nested >= 0;
	request.flags = (int64_t)(EPOLLIN | (CHANCE(aim->operation->flags, 4) ? EPOLLET : 0u));
	act(aim, &request, &reply);
	here(aim)->nested = here(aim)->nested >= 0 ? -1 : !which(aim);
}

bool possible_epoll_wait(const struct aim *aim)
{
	return here(aim)->epolls[which(aim)];
}

void run_epoll_wait(const struct aim *aim)
{
	struct request request = epoll_request(aim, CALL_EPOLL_WAIT);
	struct reply reply;

	settle_all(aim);
	request.variant = (int)(aim->operation->flags % 3);
	request.argument = CHANCE(aim->operation->flags >> 12, 30) ? 2 : 0;
	act(aim, &request, &reply);
}

bool possible_epoll_close(const struct aim *aim)
{
	return here(aim)->epolls[which(aim)];
}

void run_epoll_close(const struct aim *aim)
{
	struct request request = epoll_request(aim, CALL_EPOLL_CLOSE);
	struct reply reply;

	act(aim, &request, &reply);
	here(aim)->epolls[which(aim)] = false;
	here(aim)->nested = -1;
}
