/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "world.h"

#include "spawn.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#define ANSWER_LIMIT 20000 /* ms */
#define SLICE 500
#define ASLEEP_TURNS 200

void note(struct world *world, const char *format, ...)
{
	size_t room = sizeof world->trace - world->length;
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(world->trace + world->length, room, format, arguments);
	va_end(arguments);
	world->length += (size_t)length < room ? (size_t)length : room - 1;
}

/* -- the actors' processes --------------------------------------------------------------------- */

bool world_restart_end(struct world *world, enum end end)
{
	if (!spawn_actor(world->setup, end, &world->ends[end]))
		return false;
	await_ready(world, end, MAIN);
	return !world->broken;
}

bool world_start(struct world *world, const char *name, const struct setup *setup)
{
	*world = (struct world){ .name = name, .setup = setup };
	for (int end = 0; end < ENDS; end++)
		world->ends[end] = (struct actor_end){ .pid = -1, .channels = { -1, -1, -1 } };
	for (int end = 0; end < ENDS; end++) {
		if (world_restart_end(world, (enum end)end))
			continue;
		fprintf(stderr, "soak: the actors of %s do not start\n", name);
		world_stop(world);
		return false;
	}
	return true;
}

void world_kill(struct world *world, enum end end)
{
	struct actor_end *actor = &world->ends[end];

	if (actor->pid > 0) {
		kill(actor->pid, SIGKILL);
		waitpid(actor->pid, NULL, 0);
	}
	actor->pid = -1;
	close_channels(actor);
}

/* Without a word they end by themselves; in a call that waits they do not see that. */
void world_stop(struct world *world)
{
	for (int end = 0; end < ENDS; end++) {
		struct actor_end *actor = &world->ends[end];
		int turns = world->broken ? 0 : 500;

		close_channels(actor);
		while (actor->pid > 0 && turns-- > 0) {
			if (waitpid(actor->pid, NULL, WNOHANG) != 0)
				actor->pid = -1;
			else
				usleep(1000);
		}
		world_kill(world, (enum end)end);
	}
}

/* -- requests --------------------------------------------------------------------------------- */

static char letter(enum end end)
{
	return end == A ? 'A' : 'B';
}

static void describe(struct world *world, enum end end, enum performer performer,
		     const struct request *request)
{
	static const char *const names[PERFORMERS] = { "main", "child", "thread" };
	const struct {
		const char *name;
		int64_t value;
	} fields[] = { { "slot", request->slot },
		       { "other", request->other },
		       { "variant", request->variant },
		       { "length", request->untold ? 0 : request->length },
		       { "flags", request->flags },
		       { "argument", request->argument },
		       { "argument2", request->argument2 } };

	note(world, "\n      %c/%s %s", letter(end), names[performer],
	     call_name((enum call)request->call));
	for (size_t at = 0; at < sizeof fields / sizeof fields[0]; at++)
		if (fields[at].value != 0)
			note(world, " %s %#llx", fields[at].name, (long long)fields[at].value);
	for (int at = 0; at < request->set_count; at++)
		note(world, " %d:%#x", request->set[at].slot, (unsigned)request->set[at].events);
}

static void break_down(struct world *world, enum end end, enum performer performer, bool silent)
{
	const struct actor_end *actor = &world->ends[end];

	note(world, " !! %c (pid %d, performer %d) %s", letter(end), (int)actor->pid,
	     (int)performer, silent ? "does not answer" : "has died");
	world->broken = true;
}

void start(struct world *world, enum end end, enum performer performer,
	   const struct request *request)
{
	if (world->broken)
		return;
	world->ends[end].under_way[performer] = *request;
	describe(world, end, performer, request);
	if (!wire_put(world->ends[end].channels[performer], request, sizeof *request))
		break_down(world, end, performer, false);
}

/* As /proc has it: S for asleep, Z for dead; '?' when nobody knows it. */
static char state_of(pid_t id)
{
	char path[40], text[300], *after;
	FILE *file;
	size_t length;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)id);
	file = fopen(path, "re");
	if (!file)
		return '?';
	length = fread(text, 1, sizeof text - 1, file);
	fclose(file);
	text[length] = '\0';
	after = strrchr(text, ')');
	return after && after[1] == ' ' ? after[2] : '?';
}

/* A dead child's channel stays open in its parent: so look at the process now and then. */
static int await_reply(const struct actor_end *actor, enum performer performer, struct reply *reply,
		       bool *noted)
{
	for (int waited = 0; waited < ANSWER_LIMIT; waited += SLICE) {
		int result = wire_get_reply(actor->channels[performer], reply, noted, SLICE);

		if (result != 0)
			return result;
		if (actor->ids[performer] > 0 && strchr("Z?", state_of(actor->ids[performer])))
			return -1;
	}
	return 0;
}

/* Broken, there is no reply but an empty one. */
static bool get_reply(struct world *world, enum end end, enum performer performer,
		      struct reply *reply, bool *noted)
{
	int result;

	*noted = false;
	if (world->broken) {
		*reply = (struct reply){ 0 };
		return false;
	}
	result = await_reply(&world->ends[end], performer, reply, noted);
	if (result == 1)
		return true;
	*reply = (struct reply){ 0 };
	break_down(world, end, performer, result == 0);
	return false;
}

static const char *untold(const struct request *request, int64_t result)
{
	if (request->untold == UNTOLD)
		return result == request->length ? "all" : "!! not all";
	if (request->untold == UNTOLD_ANY)
		return result <= request->length ? "some or none" : "!! too many";
	return result > 0 && result <= request->length ? "some" : "!! too few or too many";
}

void finish(struct world *world, enum end end, enum performer performer, struct reply *reply)
{
	const struct request *request = &world->ends[end].under_way[performer];
	bool noted;

	do
		if (!get_reply(world, end, performer, reply, &noted))
			return;
	while (noted);
	note(world, "\n        %c -> ", letter(end));
	if (reply->result < 0 && !(request->untold == UNTOLD_ANY && reply->error == EAGAIN))
		note(world, "%s", strerrorname_np(reply->error));
	else if (request->untold)
		note(world, "%s", untold(request, reply->result));
	else
		note(world, "%lld", (long long)reply->result);
	/* What recvmsg tells beside the bytes it does not tell with EAGAIN. */
	if (request->untold != UNTOLD_ANY || strstr(reply->text, "!!"))
		note(world, "%s", reply->text);
	if (reply->pipes)
		note(world, " SIGPIPE %d", reply->pipes);
}

void perform(struct world *world, enum end end, enum performer performer,
	     const struct request *request, struct reply *reply)
{
	start(world, end, performer, request);
	finish(world, end, performer, reply);
}

bool await_note(struct world *world, enum end end, enum performer performer)
{
	struct reply reply;
	bool noted;

	get_reply(world, end, performer, &reply, &noted);
	if (!noted && !world->broken) {
		note(world, " !! %c came back without a signal", letter(end));
		world->broken = true;
	}
	return noted;
}

void await_ready(struct world *world, enum end end, enum performer performer)
{
	struct reply reply;
	bool noted;

	if (get_reply(world, end, performer, &reply, &noted))
		world->ends[end].ids[performer] = (pid_t)reply.value;
}

void await_asleep(struct world *world, enum end end, enum performer performer)
{
	for (int turn = 0; turn < ASLEEP_TURNS; turn++) {
		if (world->broken || state_of(world->ends[end].ids[performer]) == 'S')
			return;
		sched_yield();
	}
}
