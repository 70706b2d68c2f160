/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A connection that moves between TCP and the ring is another file in an epoll set, and a new file's first edge comes at once: so
 * with EPOLLET there may be events more, as long as they are true (the actor looks). None may be missing but this: where bytes
 * came and were taken at once the kernel says once more that there is room, though there was before.
 */
#ifndef TESTS_PRELOAD_SOAK_EDGES_H
#define TESTS_PRELOAD_SOAK_EDGES_H

#include <stdbool.h>

/* Traces of an operation. */
bool edges_agree(const char *plain, const char *carried);

#endif
