/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Waiting for something to change: guests, their network devices, this domain's addresses. */
#ifndef TOOLS_CHANGES_H
#define TOOLS_CHANGES_H

#include <stdbool.h>
#include <stddef.h>

struct xs_handle;

struct changes {
	struct xs_handle *store;
	int signals, addresses; /* descriptors */
};

/* To be called before XenStore is opened, whose thread takes over that SIGTERM and SIGINT are
 * blocked. All of these are false after a complaint. */
bool changes_begin(struct changes *changes);

/* From now on changes in XenStore count too, of devices whose backend is one of these domains. */
bool changes_watch(struct changes *changes, struct xs_handle *store, const unsigned *backends,
		   size_t count);

/* Waits for a change and what comes with it, or for a signal to end, *ended. */
bool changes_wait(struct changes *changes, bool *ended);

void changes_end(struct changes *changes);

#endif
