/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libxsock, out of the way: as a dependency it and what it needs (Xen's libraries) would be looked through for every
 * symbol of the program and its libraries, which all wait for that at their start.
 */
#ifndef XSOCK_PRELOAD_LIBRARY_H
#define XSOCK_PRELOAD_LIBRARY_H

#include <stdbool.h>

/* From then on <xsock/xsock.h> can be used. False: it is not there. */
bool library_load(void);
bool library_is_loaded(void);

#endif
