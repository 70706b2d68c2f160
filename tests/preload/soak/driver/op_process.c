/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Children, threads, other programs, and sudden ends. */
#include "operation.h"

#include <signal.h>
#include <time.h>

static bool has_child(const struct aim *aim)
{
	return aim->model->processes[aim->end][SECOND].live;
}

bool possible_fork(const struct aim *aim)
{
	return aim->performer == MAIN && !has_child(aim);
}

void run_fork(const struct aim *aim)
{
	struct request request = { .call = CALL_FORK };
	struct reply reply;

	act(aim, &request, &reply);
	aim->world->ends[aim->end].child = (pid_t)reply.value;
	aim->world->ends[aim->end].ids[CHILD] = (pid_t)reply.value;
	model_fork(aim->model, aim->end);
}

bool possible_hand_over(const struct aim *aim)
{
	return possible_fork(aim);
}

/* As servers with a process for each connection do: the child has it now. */
void run_hand_over(const struct aim *aim)
{
	struct aim own = *aim;

	run_fork(aim);
	while (own.slot >= 0) {
		run_close(&own);
		own.slot = model_slot(aim->model, aim->end, FIRST, aim->connection, 0);
	}
}

/* All threads but the calling one end with exec: none may be serving then. */
bool possible_exec(const struct aim *aim)
{
	return aim->performer == CHILD || (aim->performer == MAIN && !aim->model->thread[aim->end]);
}

void run_exec(const struct aim *aim)
{
	struct request request = { .call = CALL_EXEC };
	struct reply reply;

	settle_both_ways(aim);
	act(aim, &request, &reply);
	model_exec(aim->model, aim->end, aim->process);
}

bool possible_pass(const struct aim *aim)
{
	return aim->performer == MAIN && has_child(aim) &&
	       model_free_slot(aim->model, aim->end, SECOND) >= 0;
}

void run_pass(const struct aim *aim)
{
	struct request request = request_for(aim, CALL_PASS);
	struct aim child = *aim;
	struct reply reply;

	act(aim, &request, &reply);
	child.performer = CHILD;
	child.process = SECOND;
	child.slot = model_free_slot(aim->model, aim->end, SECOND);
	request = (struct request){ .call = CALL_CATCH, .slot = child.slot };
	request.variant = (int)(aim->operation->variant % 2);
	act(&child, &request, &reply);
	model_put(aim->model, aim->end, SECOND, child.slot, aim->connection, request.variant);
}

bool possible_thread(const struct aim *aim)
{
	return aim->performer == MAIN && !aim->model->thread[aim->end];
}

void run_thread(const struct aim *aim)
{
	struct request request = { .call = CALL_THREAD };
	struct reply reply;

	act(aim, &request, &reply);
	await_ready(aim->world, aim->end, THREAD);
	aim->model->thread[aim->end] = true;
}

/* -- ends ------------------------------------------------------------------------------------- */

void end_thread(struct world *world, enum end end)
{
	struct request request = { .call = CALL_END };
	struct reply reply;

	perform(world, end, THREAD, &request, &reply);
	request = (struct request){ .call = CALL_REAP, .variant = 1 };
	perform(world, end, MAIN, &request, &reply);
	world->model.thread[end] = false;
}

bool possible_end_thread(const struct aim *aim)
{
	return aim->performer == MAIN && aim->model->thread[aim->end];
}

void run_end_thread(const struct aim *aim)
{
	end_thread(aim->world, aim->end);
}

enum child_end { BY_EXIT, BY_SUDDEN_EXIT, BY_KILL };

/* That the peer has left a ring with bytes unread is noticed after some ms; killed before, this end sends no reset. */
static void rest_before_kill(void)
{
	const struct timespec moment = { .tv_nsec = 50000000 };

	nanosleep(&moment, NULL);
}

void end_child(struct world *world, enum end end, unsigned how)
{
	struct request request = { .call = CALL_END };
	struct reply reply;

	if (how % 3 == BY_KILL) {
		note(world, "\n      the child is killed");
		rest_before_kill();
		if (!world->broken)
			kill(world->ends[end].child, SIGKILL);
	} else {
		request.variant = how % 3 == BY_SUDDEN_EXIT;
		perform(world, end, CHILD, &request, &reply);
	}
	request = (struct request){ .call = CALL_REAP };
	perform(world, end, MAIN, &request, &reply);
	model_gone(&world->model, end, SECOND);
}

bool possible_end_child(const struct aim *aim)
{
	return aim->performer == CHILD;
}

void run_end_child(const struct aim *aim)
{
	settle_both_ways(aim);
	end_child(aim->world, aim->end, aim->operation->variant);
}

bool possible_kill(const struct aim *aim)
{
	return aim->performer == MAIN && !has_child(aim) && !aim->model->thread[aim->end];
}

/* An end dies with all it has; another program takes its place. */
void run_kill(const struct aim *aim)
{
	settle_both_ways(aim);
	if (aim->world->broken)
		return;
	note(aim->world, "\n      killed");
	rest_before_kill();
	world_kill(aim->world, aim->end);
	model_gone(aim->model, aim->end, FIRST);
	aim->model->processes[aim->end][FIRST].live = true;
	if (!world_restart_end(aim->world, aim->end)) {
		note(aim->world, " !! no new actor");
		aim->world->broken = true;
	}
	if (aim->end == B)
		listen_anew(aim->world);
}
