/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What dead processes of a domain left. */
#ifndef XSOCK_INSPECT_LEFTOVERS_H
#define XSOCK_INSPECT_LEFTOVERS_H

#include <stdbool.h>

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

#define LEFTOVERS_MOST 200u /* that are told one by one */

/* All zero: none yet. */
struct leftovers {
	struct leftover leftover[LEFTOVERS_MOST];
	unsigned count;
	unsigned more; /* that found no room */
};

/* Adds those of the platform's own domain. 0, or -errno. */
int leftovers_find(struct platform *platform, struct leftovers *leftovers);

/* Removes them, on the platform of that name: as a process that comes and goes would, and what
 * that leaves to those who live. 0, or -errno. */
int leftovers_remove(const char *platform);

#endif
