/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actor.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define DESCRIPTORS 4096

int slots[ALL_SLOTS];
int epolls[EPOLLS];
atomic_int pipes;

static actor_call act_nothing;

static actor_call *const calls[CALLS] = {
	[CALL_NOTHING] = act_nothing,
	[CALL_SETTLE] = act_nothing,
	[CALL_SEND] = act_send,
	[CALL_RECEIVE] = act_receive,
	[CALL_GIVE] = act_give,
	[CALL_TAKE] = act_take,
	[CALL_PUMP] = act_pump,
	[CALL_FILL] = act_fill,
	[CALL_SEND_TIMED] = act_send_timed,
	[CALL_RECEIVE_TIMED] = act_receive_timed,
	[CALL_INTERRUPT] = act_interrupt,
	[CALL_SPLICE_OUT] = act_splice_out,
	[CALL_SPLICE_IN] = act_splice_in,
	[CALL_PRINT] = act_print,
	[CALL_GETS] = act_gets,
	[CALL_URGENT_SEND] = act_urgent_send,
	[CALL_URGENT_RECEIVE] = act_urgent_receive,
	[CALL_ODD] = act_odd,
	[CALL_WAIT] = act_wait,
	[CALL_EPOLL_OPEN] = act_epoll_open,
	[CALL_EPOLL_SET] = act_epoll_set,
	[CALL_EPOLL_NEST] = act_epoll_nest,
	[CALL_EPOLL_WAIT] = act_epoll_wait,
	[CALL_EPOLL_CLOSE] = act_epoll_close,
	[CALL_LISTEN] = act_listen,
	[CALL_CONNECT] = act_connect,
	[CALL_REFUSED] = act_refused,
	[CALL_ACCEPT] = act_accept,
	[CALL_SHUTDOWN] = act_shutdown,
	[CALL_NAMES] = act_names,
	[CALL_OPTION_GET] = act_option_get,
	[CALL_OPTION_SET] = act_option_set,
	[CALL_LINGER] = act_linger,
	[CALL_NONBLOCK] = act_nonblock,
	[CALL_DUP] = act_dup,
	[CALL_DUP_ONTO] = act_dup_onto,
	[CALL_CLOSE] = act_close,
	[CALL_CLOSE_RANGE] = act_close_range,
	[CALL_UNREAD] = act_unread,
	[CALL_FORK] = act_fork,
	[CALL_EXEC] = act_exec,
	[CALL_REAP] = act_reap,
	[CALL_THREAD] = act_thread,
	[CALL_END] = act_end,
	[CALL_PASS] = act_pass,
	[CALL_CATCH] = act_catch,
	[CALL_CENSUS] = act_census,
};

static void act_nothing(struct actor *actor, const struct request *request, struct reply *reply)
{
	(void)actor;
	(void)request;
	reply->value = getpid();
}

static void count_pipe(int number)
{
	(void)number;
	atomic_fetch_add(&pipes, 1);
}

static void prepare_process(void)
{
	struct sigaction action = { .sa_handler = count_pipe, .sa_flags = SA_RESTART };
	struct rlimit limit;

	sigaction(SIGPIPE, &action, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarms_prepare();
	/* Descriptors above 1024 are part of the game. */
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max < DESCRIPTORS ? limit.rlim_max : DESCRIPTORS;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static void inherit(const char *inherited)
{
	memset(slots, -1, sizeof slots);
	memset(epolls, -1, sizeof epolls);
	while (inherited && *inherited) {
		int slot, fd, length;

		if (sscanf(inherited, "%d=%d,%n", &slot, &fd, &length) != 2 || slot < 0 ||
		    slot >= ALL_SLOTS)
			exit(2);
		slots[slot] = fd;
		inherited += length;
	}
}

void actor_prepare(struct actor *actor, enum performer who)
{
	static unsigned char buffers[PERFORMERS][BUFFER_SIZE + MARGIN];

	*actor = (struct actor){ .who = who, .channel = CHANNEL(who), .buffer = buffers[who] };
}

static void serve_one(struct actor *actor, const struct request *request)
{
	struct reply reply = { 0 };
	int before = atomic_load(&pipes);

	if (request->settle.wanted)
		settle(request, &reply);
	calls[request->call](actor, request, &reply);
	reply.pipes = atomic_load(&pipes) - before;
	if (!actor->mute && !wire_put(actor->channel, &reply, sizeof reply))
		actor->ended = true;
	actor->mute = false;
}

void actor_serve(struct actor *actor)
{
	struct request request;

	while (!actor->ended && wire_get(actor->channel, &request, sizeof request, -1) == 1)
		serve_one(actor, &request);
}

int actor_run(enum performer who, const char *inherited)
{
	struct reply ready = { .value = getpid() };
	struct actor actor;

	prepare_process();
	inherit(inherited);
	actor_prepare(&actor, who);
	if (!wire_put(actor.channel, &ready, sizeof ready))
		return 2;
	actor_serve(&actor);
	return 0;
}
