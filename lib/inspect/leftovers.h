/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What dead processes of a domain left. */
#ifndef XSOCK_INSPECT_LEFTOVERS_H
#define XSOCK_INSPECT_LEFTOVERS_H

#include <stdbool.h>
#include <stddef.h>

struct platform;

enum leftover_kind {
	LEFTOVER_PRESENCE, /* all the domain's nodes: none of its processes lives; `count` services
			    */
	LEFTOVER_SERVICE, /* the node of a listener, beside processes that live; `count` requests */
	LEFTOVER_GRANTS,  /* of the local platform, `count` of each of these */
	LEFTOVER_PORTS,
	LEFTOVER_WATCHES,
};

struct leftover {
	enum leftover_kind kind;
	unsigned domain, count;
	char service[64];
};

/* All zero: none yet. */
struct leftovers {
	struct leftover *leftover;
	size_t count, room;
};

/* Adds those of the platform's own domain. 0, or -errno. */
int leftovers_find(struct platform *platform, struct leftovers *leftovers);
void leftovers_clear(struct leftovers *leftovers);

/* Removes them, on the platform of that name: as a process that comes and goes would, and what
 * that leaves to those who live. 0, or -errno. */
int leftovers_remove(const char *platform);

#endif
