/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conn/registry.h"

#include <stdio.h>

#include "base/fork.h"
#include "conn/connection.h"
#include "conn/listener.h"

#define AT(type, member)                                                                           \
	{                                                                                          \
		offsetof(struct type, member), sizeof(((struct type *)0)->member)                  \
	}

static const struct registry_field connection_fields[CONNECTION_FIELDS] = {
	[CONNECTION_PEER] = AT(connection, domain),
	[CONNECTION_SERVICE] = AT(connection, service),
	[CONNECTION_STATE] = AT(connection, state),
	[CONNECTION_ERROR] = AT(connection, error),
	[CONNECTION_GRANTS] = AT(connection, terms.grants),
	[CONNECTION_DIRECTION] = AT(connection, direction),
	[CONNECTION_SEND_RING] = AT(connection, out.size),
	[CONNECTION_RECV_RING] = AT(connection, in.size),
	[CONNECTION_SEND_MOST] = AT(connection, growth[true].largest),
	[CONNECTION_RECV_MOST] = AT(connection, growth[false].largest),
	[CONNECTION_SENT] = AT(connection, out.written),
	[CONNECTION_SENT_SEEN] = AT(connection, out.consumed),
	[CONNECTION_RECEIVED] = AT(connection, in.consumed),
	[CONNECTION_RECEIVED_SEEN] = AT(connection, in.produced),
	[CONNECTION_STALLS] = AT(connection, stalls),
	[CONNECTION_WAITS] = AT(connection, endpoint.waits),
	[CONNECTION_NOTIFICATIONS] = AT(connection, notifications),
	[CONNECTION_SEND_REFUSALS] = AT(connection, growth[true].refusals),
	[CONNECTION_RECV_REFUSALS] = AT(connection, growth[false].refusals),
};

static const struct registry_field listener_fields[LISTENER_FIELDS] = {
	[LISTENER_SERVICE] = AT(listener, service),
	[LISTENER_ACCEPTED] = AT(listener, accepted),
	[LISTENER_REFUSED] = AT(listener, refusals.total),
	[LISTENER_WAITING] = AT(listener, waiting),
	[LISTENER_BACKLOG] = AT(listener, limits.backlog),
	[LISTENER_REFUSED_BY] = AT(listener, refusals.count),
	[LISTENER_LAST_REFUSAL] = AT(listener, refusals.last),
	[LISTENER_LAST_REFUSED] = AT(listener, refusals.domain),
};

_Static_assert(sizeof(struct connection) <= REGISTRY_OBJECT_MAX &&
		       sizeof(struct listener) <= REGISTRY_OBJECT_MAX,
	       "what a reader takes at once");

static struct registry_slot slots[REGISTRY_SLOTS];
static uint64_t last_serial;

static struct registry registry __attribute__((aligned(64), used)) = {
	.magic = { REGISTRY_MAGIC },
	.bytes = sizeof registry,
	.slot_count = REGISTRY_SLOTS,
	.slot_bytes = sizeof slots[0],
	.object_bytes = { sizeof(struct connection), sizeof(struct listener) },
	.field_count = { CONNECTION_FIELDS, LISTENER_FIELDS },
	.fields = { connection_fields, listener_fields },
	.slots = slots,
	.generation = &fork_counter,
};

/* Without a lock, which a fork could leave taken in the child. */
static int take_slot(uint64_t serial)
{
	for (unsigned tried = 0; tried < REGISTRY_SLOTS; tried++) {
		unsigned at = (unsigned)(serial + tried) % REGISTRY_SLOTS;
		uint64_t none = 0;

		if (__atomic_compare_exchange_n(&slots[at].serial, &none, serial, false,
						__ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
			return (int)at;
	}
	return -1;
}

int registry_enter(enum registry_kind kind, const void *object, const struct platform *platform)
{
	int at = take_slot(__atomic_add_fetch(&last_serial, 1, __ATOMIC_RELAXED));

	if (at < 0) {
		__atomic_add_fetch(&registry.unlisted, 1, __ATOMIC_RELAXED);
		return at;
	}
	slots[at].generation = fork_generation();
	slots[at].domain = platform->self;
	slots[at].kind = kind;
	snprintf(slots[at].platform, sizeof slots[at].platform, "%s", platform->ops->name);
	/* Last, so that who reads it sees the rest. */
	__atomic_store_n(&slots[at].object, (uint64_t)(uintptr_t)object, __ATOMIC_RELEASE);
	return at;
}

void registry_leave(int at)
{
	if (at < 0) {
		__atomic_sub_fetch(&registry.unlisted, 1, __ATOMIC_RELAXED);
		return;
	}
	__atomic_store_n(&slots[at].object, 0, __ATOMIC_RELEASE);
	/* After the object, which is the next one's from then on. */
	__atomic_store_n(&slots[at].serial, 0, __ATOMIC_RELEASE);
}
