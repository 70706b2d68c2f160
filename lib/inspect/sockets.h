/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The sockets of other processes in this domain, as conn/registry.h in their memory tells. */
#ifndef XSOCK_INSPECT_SOCKETS_H
#define XSOCK_INSPECT_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conn/registry.h"

#define REFUSAL_CAUSES 24 /* as XSOCK_REFUSALS has it */

struct platform;

/* All of it is the other process's word, but for the first two; texts are printable. */
struct socket_view {
	int process;
	char command[16];
	uint64_t serial; /* no two sockets of a process have the same */
	unsigned domain; /* the process's */
	enum registry_kind kind;
	char service[64];
	uint64_t field[CONNECTION_FIELDS]; /* a listener has fewer */
	uint64_t refused_by[REFUSAL_CAUSES];
};

/* All zero: none yet. */
struct sockets {
	struct socket_view *view;
	size_t count, room;
	unsigned hidden;  /* processes whose descriptors this user may not look at */
	unsigned refused; /* processes that use xsock, and whose memory it may not look at */
	uint64_t unlisted;
};

/* The sockets on this platform of its own domain, or with `all` of every domain of the local
 * platform; by process and age. 0, or -errno. */
int sockets_collect(const struct platform *platform, bool all, struct sockets *sockets);
/* The one with that process and serial, or NULL. */
const struct socket_view *sockets_find(const struct sockets *sockets,
				       const struct socket_view *like);
void sockets_clear(struct sockets *sockets);

#endif
