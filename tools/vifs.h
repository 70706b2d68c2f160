/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The guests' network devices, as the toolstack described them to the domain behind them. */
#ifndef TOOLS_VIFS_H
#define TOOLS_VIFS_H

#include <stdbool.h>
#include <stddef.h>

struct xs_handle;

struct vif {
	unsigned domain;
	char interface[32]; /* at the backend's end */
	char *addresses;    /* what the node "ip" has, separated by spaces; NULL: nothing */
};

/* All zero: none yet. */
struct vifs {
	struct vif *vif;
	size_t count, room;
};

/* Adds the devices of running domains whose backend is in that domain. False after a complaint;
 * what comes and goes meanwhile is no failure. */
bool vifs_collect(struct xs_handle *store, unsigned backend, struct vifs *vifs);

bool vifs_have_interface(const struct vifs *vifs, const char *interface);
void vifs_clear(struct vifs *vifs);

#endif
