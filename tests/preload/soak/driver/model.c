/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>

enum process process_of(enum performer performer)
{
	return performer == CHILD ? SECOND : FIRST;
}

static void clear_process(struct model_process *process)
{
	*process = (struct model_process){ .nested = -1 };
	for (int slot = 0; slot < SLOTS; slot++)
		process->slots[slot].connection = NO_CONNECTION;
}

void model_start(struct model *model, uint64_t seed, uint64_t room)
{
	*model = (struct model){ .seed = seed, .room = room };
	for (int end = 0; end < ENDS; end++) {
		clear_process(&model->processes[end][FIRST]);
		clear_process(&model->processes[end][SECOND]);
		model->processes[end][FIRST].live = true;
	}
}

bool model_performs(const struct model *model, enum end end, enum performer performer)
{
	if (performer == THREAD)
		return model->thread[end];
	return model->processes[end][process_of(performer)].live;
}

/* -- slots ------------------------------------------------------------------------------------ */

int model_slot(const struct model *model, enum end end, enum process process, int connection,
	       unsigned pick)
{
	const struct model_slot *slots = model->processes[end][process].slots;
	int found[SLOTS];
	unsigned count = 0;

	for (int slot = 0; slot < SLOTS; slot++)
		if (slots[slot].connection == connection)
			found[count++] = slot;
	return count ? found[pick % count] : -1;
}

int model_used_slot(const struct model *model, enum end end, enum process process, unsigned pick)
{
	for (int turn = 0; turn < SLOTS; turn++) {
		int slot = (int)((pick + (unsigned)turn) % SLOTS);

		if (model->processes[end][process].slots[slot].connection != NO_CONNECTION)
			return slot;
	}
	return -1;
}

int model_free_slot(const struct model *model, enum end end, enum process process)
{
	return model_slot(model, end, process, NO_CONNECTION, 0);
}

int model_free_connection(const struct model *model)
{
	for (int at = 0; at < CONNECTIONS; at++)
		if (!model->connections[at].live)
			return at;
	return NO_CONNECTION;
}

int model_holders(const struct model *model, enum end end, int connection)
{
	int count = 0;

	for (int process = 0; process < PROCESSES; process++)
		for (int slot = 0; slot < SLOTS; slot++)
			count +=
				model->processes[end][process].slots[slot].connection == connection;
	return count;
}

/* -- what is so ------------------------------------------------------------------------------- */

uint64_t model_waiting(const struct model *model, enum end end, int connection)
{
	const struct model_side *side = model->connections[connection].side;

	return side[!end].sent - side[end].taken;
}

uint64_t model_room(const struct model *model, enum end end, int connection)
{
	uint64_t waiting = model_waiting(model, !end, connection);

	return waiting < model->room ? model->room - waiting : 0;
}

bool model_ended(const struct model *model, enum end end, int connection)
{
	const struct model_side *side = model->connections[connection].side;

	return side[end].reset || side[end].read_shut || side[!end].write_shut || side[!end].closed;
}

bool model_flows(const struct model *model, enum end end, int connection)
{
	const struct model_side *self = &model->connections[connection].side[end];
	const struct model_side *peer = &model->connections[connection].side[!end];

	return !self->reset && !self->write_shut && !peer->reset && !peer->closed &&
	       !peer->read_shut;
}

struct settle model_settle(const struct model *model, enum end end, int connection)
{
	const struct model_side *self = &model->connections[connection].side[end];
	const struct model_side *peer = &model->connections[connection].side[!end];
	struct settle settle = { .wanted = 1 };

	if (self->reset) {
		settle.bytes = -1;
		settle.events = POLLHUP;
		return settle;
	}
	settle.bytes = (int64_t)model_waiting(model, end, connection);
	if (settle.bytes > 0)
		settle.events |= POLLIN;
	if (peer->write_shut || peer->closed)
		settle.events |= POLLIN | POLLRDHUP | (self->write_shut ? POLLHUP : 0);
	return settle;
}

uint64_t model_key(const struct model *model, enum end sender, int connection)
{
	return model->connections[connection].key * ENDS + sender;
}

/* -- what happens ----------------------------------------------------------------------------- */

void model_open(struct model *model, int connection)
{
	model->connections[connection] =
		(struct model_connection){ .live = true,
					   .key = model->seed * 1000003 + model->opened++ };
}

void model_put(struct model *model, enum end end, enum process process, int slot, int connection,
	       bool cloexec)
{
	model->processes[end][process].slots[slot] =
		(struct model_slot){ .connection = connection, .cloexec = cloexec };
}

void model_sent(struct model *model, enum end end, int connection, int64_t bytes)
{
	struct model_side *self = &model->connections[connection].side[end];
	struct model_side *peer = &model->connections[connection].side[!end];

	if (bytes <= 0)
		return;
	if (peer->closed) {
		self->reset = true; /* nobody is there to take it */
	} else if (peer->read_shut && peer->write_shut) {
		self->reset = peer->reset = true; /* TCP takes shutdown both ways as such an end */
	} else {
		self->sent += (uint64_t)bytes;
	}
}

void model_shut(struct model *model, enum end end, int connection, int how)
{
	struct model_side *self = &model->connections[connection].side[end];

	if (self->reset)
		return;
	if (how == SHUT_RD || how == SHUT_RDWR)
		self->read_shut = true;
	if (how == SHUT_WR || how == SHUT_RDWR)
		self->write_shut = true;
}

static void close_side(struct model *model, enum end end, int connection)
{
	struct model_connection *both = &model->connections[connection];
	struct model_side *self = &both->side[end], *peer = &both->side[!end];
	bool over = self->reset || (self->write_shut && (peer->write_shut || peer->closed));

	self->closed = true;
	if (peer->closed)
		both->live = false;
	else if (!over && (self->resets || model_waiting(model, end, connection) > 0))
		peer->reset = true;
}

void model_drop(struct model *model, enum end end, enum process process, int slot)
{
	struct model_slot *held = &model->processes[end][process].slots[slot];
	int connection = held->connection;

	*held = (struct model_slot){ .connection = NO_CONNECTION };
	if (connection != NO_CONNECTION && model_holders(model, end, connection) == 0)
		close_side(model, end, connection);
}

void model_fork(struct model *model, enum end end)
{
	struct model_process *first = &model->processes[end][FIRST];

	memcpy(first->mixed, first->epolls, sizeof first->mixed);
	model->processes[end][SECOND] = *first;
}

void model_exec(struct model *model, enum end end, enum process process)
{
	struct model_process *here = &model->processes[end][process];

	for (int slot = 0; slot < SLOTS; slot++)
		if (here->slots[slot].cloexec)
			model_drop(model, end, process, slot);
	memset(here->epolls, 0, sizeof here->epolls);
	here->nested = -1;
}

void model_gone(struct model *model, enum end end, enum process process)
{
	for (int slot = 0; slot < SLOTS; slot++)
		model_drop(model, end, process, slot);
	clear_process(&model->processes[end][process]);
}
