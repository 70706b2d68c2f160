/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What xsock-run asked for, in the environment. */
#ifndef XSOCK_PRELOAD_SETTINGS_H
#define XSOCK_PRELOAD_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

struct settings {
	bool verbose;    /* XSOCK_RUN_VERBOSE */
	const char *log; /* XSOCK_RUN_LOG: a file instead of stderr; implies verbose */
	bool strict;     /* XSOCK_RUN_STRICT: no ring, no connection */
	bool self;       /* XSOCK_RUN_SELF: this domain's connections to itself too */
	int wait;        /* XSOCK_RUN_WAIT: ms that a connection's first call may wait for the ring */
	size_t ring;     /* XSOCK_RUN_RING: bytes each way */
	unsigned chaos;  /* XSOCK_RUN_CHAOS: for tests, back to TCP at about every so manieth call */
};

extern struct settings settings;

void settings_read(void);

#endif
