/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a listener says of itself in its node, and what comes of it for a connector. */
#ifndef XSOCK_CONN_ANNOUNCEMENT_H
#define XSOCK_CONN_ANNOUNCEMENT_H

#include "conn/address.h"
#include "conn/terms.h"

struct announcement {
	struct terms terms;
	bool open;       /* requests go where all may write */
	char clash[160]; /* why the ends can never agree; empty when they can */
};

/* Reads it and computes the terms: 1, 0 while nobody listens, -errno as of xsock_connect. */
int announcement_read(struct platform *platform, struct store *store, const struct address *address,
		      const struct wishes *wishes, struct announcement *announcement);

#endif
