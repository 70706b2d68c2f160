/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where `xsock stat` finds the sockets of this process. It reads them in this process's memory, as
 * a debugger does: nothing is told, so nothing is paid for it while bytes move; the kernel's rule
 * for debuggers says who may look, and nothing is left behind by a death. What follows is read by
 * commands of other versions too, so what is there keeps its place.
 */
#ifndef XSOCK_CONN_REGISTRY_H
#define XSOCK_CONN_REGISTRY_H

#include <stdbool.h>
#include <stdint.h>

#define REGISTRY_MAGIC "xsock registry 1" /* 16 bytes, without a NUL */
#define REGISTRY_SLOTS 4096u
#define REGISTRY_OBJECT_MAX 4096u /* bytes of a connection or a listener */

/* Which field of an object; a new one comes last. */
enum connection_field {
	CONNECTION_PEER,
	CONNECTION_SERVICE,
	CONNECTION_STATE,
	CONNECTION_ERROR,
	CONNECTION_GRANTS,
	CONNECTION_DIRECTION,
	CONNECTION_SEND_RING,
	CONNECTION_RECV_RING,
	CONNECTION_SEND_MOST,
	CONNECTION_RECV_MOST,
	CONNECTION_SENT,
	CONNECTION_SENT_SEEN, /* of that, the peer's index as last seen */
	CONNECTION_RECEIVED,
	CONNECTION_RECEIVED_SEEN,
	CONNECTION_STALLS,
	CONNECTION_WAITS,
	CONNECTION_NOTIFICATIONS,
	CONNECTION_SEND_REFUSALS, /* of another ring */
	CONNECTION_RECV_REFUSALS,
	CONNECTION_FIELDS
};

enum listener_field {
	LISTENER_SERVICE,
	LISTENER_ACCEPTED,
	LISTENER_REFUSED,
	LISTENER_WAITING,
	LISTENER_BACKLOG,
	LISTENER_REFUSED_BY, /* as many counters as there are causes */
	LISTENER_LAST_REFUSAL,
	LISTENER_LAST_REFUSED, /* its domain */
	LISTENER_FIELDS
};

struct registry_field {
	uint32_t offset, size;
};

enum registry_kind { REGISTRY_CONNECTION, REGISTRY_LISTENER, REGISTRY_KINDS };

struct registry_slot {
	uint64_t serial;     /* 0: free; no two sockets of a process have the same */
	uint64_t object;     /* its address; 0 while it is not there */
	uint32_t generation; /* of the process that made it, as fork_generation */
	uint32_t domain;     /* this process's own */
	uint32_t kind;
	uint32_t unused;
	char platform[8];
};

/* In the library's data, on a boundary of 64 bytes. */
struct registry {
	char magic[16];
	uint32_t bytes; /* of this; a process of another word size has another number */
	uint32_t slot_count;
	uint32_t slot_bytes;
	uint32_t unlisted; /* sockets that found no slot */
	uint32_t object_bytes[REGISTRY_KINDS];
	uint32_t field_count[REGISTRY_KINDS];
	const struct registry_field *fields[REGISTRY_KINDS];
	const struct registry_slot *slots;
	const void *generation; /* the counter, 4 bytes */
};

struct platform;

/* Both from any thread. The slot's number, or -1 when all are taken. */
int registry_enter(enum registry_kind kind, const void *object, const struct platform *platform);
void registry_leave(int slot);

#endif
