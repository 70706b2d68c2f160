/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "script.h"

#include "common/stream.h"

#include <string.h>

#define TRIES 500

static bool is_listed(const char *name, const char *list)
{
	size_t length = strlen(name);

	for (const char *at = list; at && *at; at += strcspn(at, ","), at += *at == ',')
		if (strncmp(at, name, length) == 0 && (at[length] == ',' || at[length] == '\0'))
			return true;
	return false;
}

/* What no script can do without. */
static bool is_basic(const char *name)
{
	return is_listed(name, "open,send,receive,take");
}

static unsigned weight_of(const struct operation_type *type, uint64_t *state, const char *only,
			  const char *without)
{
	static const unsigned factors[] = { 0, 0, 1, 1, 1, 4 };
	unsigned factor = factors[random_below(state, sizeof factors / sizeof factors[0])];

	if (is_listed(type->name, without))
		return 0;
	if (only && !is_basic(type->name))
		return is_listed(type->name, only) ? type->weight * 10 : 0;
	return type->weight * (factor || !is_basic(type->name) ? factor : 1);
}

void script_begin(struct script *script, uint64_t seed, const char *only, const char *without)
{
	*script = (struct script){ .seed = seed, .state = seed * 77 + 5 };
	for (int at = 0; at < operation_type_count; at++) {
		script->weights[at] =
			weight_of(&operation_types[at], &script->state, only, without);
		script->total += script->weights[at];
	}
}

static int choose_type(struct script *script)
{
	uint64_t at = random_below(&script->state, script->total);
	int type = 0;

	while (at >= script->weights[type])
		at -= script->weights[type++];
	return type;
}

static uint64_t choose_length(uint64_t *state)
{
	static const uint64_t limits[] = { 1,    16,   100,   1500,  4096,
					   4097, 9000, 16385, 65537, (uint64_t)300 << 10 };
	uint64_t limit = limits[random_below(state, sizeof limits / sizeof limits[0])];

	/* The limits themselves are worth a try. */
	return random_below(state, 8) == 0 ? limit : random_below(state, limit + 1);
}

static enum performer choose_performer(uint64_t *state)
{
	static const enum performer performers[] = { MAIN, MAIN, MAIN, MAIN, CHILD, CHILD, THREAD };

	return performers[random_below(state, sizeof performers / sizeof performers[0])];
}

static struct operation choose(struct script *script)
{
	uint64_t *state = &script->state;

	return (struct operation){
		.type = choose_type(script),
		.end = random_below(state, 2) ? A : B,
		.performer = choose_performer(state),
		.other_performer = choose_performer(state),
		.connection = (int)random_below(state, CONNECTIONS),
		.pick = (unsigned)random_below(state, 1000000),
		.variant = (unsigned)random_below(state, 1u << 24),
		.flags = (unsigned)random_below(state, 1u << 28),
		.length = choose_length(state),
		.salt = random_next(state),
	};
}

bool script_next(struct script *script, struct world *world, struct operation *operation)
{
	struct aim aim;

	for (int turn = 0; turn < TRIES; turn++) {
		*operation = choose(script);
		if (operation_aim(world, operation, &aim))
			return true;
	}
	return false;
}

/* -- running ---------------------------------------------------------------------------------- */

void script_run(struct world *world, const struct operation *operation)
{
	const struct operation_type *type = &operation_types[operation->type];
	struct aim aim;

	world->length = 0;
	world->trace[0] = '\0';
	if (!operation_aim(world, operation, &aim)) {
		note(world, "%s: not possible", type->name);
		return;
	}
	note(world, "%s, end %c, connection %d, slot %d", type->name, aim.end == A ? 'A' : 'B',
	     aim.connection, aim.slot);
	type->run(&aim);
}

void script_set_up(struct world *world, uint64_t seed, const struct manner *manner)
{
	world->length = 0;
	world->trace[0] = '\0';
	note(world, "set-up");
	model_start(&world->model, seed, manner->room);
	world->model.greets = manner->greets;
	world->model.loose = manner->loose;
	listen_anew(world);
}

static void close_everything(struct world *world, enum end end)
{
	struct model_process *process = &world->model.processes[end][FIRST];
	struct request request = { .call = CALL_EPOLL_CLOSE };
	struct reply reply;

	for (int at = 0; at < EPOLLS; at++) {
		request.other = at;
		if (process->epolls[at])
			perform(world, end, MAIN, &request, &reply);
	}
	for (int slot = 0; slot < SLOTS; slot++) {
		if (process->slots[slot].connection == NO_CONNECTION)
			continue;
		request = (struct request){ .call = CALL_CLOSE, .slot = slot };
		perform(world, end, MAIN, &request, &reply);
		model_drop(&world->model, end, FIRST, slot);
	}
}

void script_clean_up(struct world *world)
{
	struct request request = { .call = CALL_CLOSE, .slot = LISTENER };
	struct reply reply;

	world->length = 0;
	world->trace[0] = '\0';
	note(world, "clean-up");
	for (int end = 0; end < ENDS; end++) {
		if (world->model.thread[end])
			end_thread(world, (enum end)end);
		if (world->model.processes[end][SECOND].live)
			end_child(world, (enum end)end, (unsigned)world->model.seed);
	}
	close_everything(world, A);
	close_everything(world, B);
	perform(world, B, MAIN, &request, &reply);
}
