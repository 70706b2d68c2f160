/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who else has a socket that came over exec, of which no shared record tells. */
#ifndef XSOCK_PRELOAD_HOLDERS_H
#define XSOCK_PRELOAD_HOLDERS_H

#include <stdbool.h>

/* Does another process have the socket open? Looked up in /proc; what may not be read there cannot have
 * been this process's ancestor or kin, unless it changed its user: then it counts as holding it when it is this
 * process's parent. */
bool held_elsewhere(int fd);

#endif
