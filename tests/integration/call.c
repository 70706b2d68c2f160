/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "call.h"

#include <errno.h>

long call_recv(struct call *call)
{
	return xsock_recv(call->socket, call->buffer, call->length, call->flags);
}

long call_send(struct call *call)
{
	return xsock_send(call->socket, call->buffer, call->length, call->flags);
}

long call_poll(struct call *call)
{
	struct xsock_pollfd entry = { .socket = call->socket, .events = (short)call->flags };
	int count = xsock_poll(&entry, 1, WAIT_LIMIT);

	return count > 0 ? entry.revents : count;
}

long call_accept(struct call *call)
{
	call->buffer = xsock_accept(call->socket, WAIT_LIMIT);
	return call->buffer ? 0 : -1;
}

static void *run(void *argument)
{
	struct call *call = argument;

	call->result = call->run(call);
	call->error = errno;
	atomic_store(&call->over, true);
	return NULL;
}

void call_start(struct call *call)
{
	atomic_init(&call->over, false);
	CHECK_RESULT(pthread_create(&call->thread, NULL, run, call), 0);
}

void call_start_asleep(struct call *call)
{
	uint64_t before = info_of(call->socket).waits;

	call_start(call);
	AWAIT(info_of(call->socket).waits > before || call_is_over(call));
	CHECK(!call_is_over(call));
}

bool call_is_over(const struct call *call)
{
	return atomic_load(&call->over);
}

long call_end(struct call *call)
{
	AWAIT(call_is_over(call));
	CHECK_RESULT(pthread_join(call->thread, NULL), 0);
	errno = call->error;
	return call->result;
}
