/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A listener of domain 3 on the local platform, whose ways can be bent, and visitors from domain 4,
 * each a process of its own. */
#ifndef XSOCK_TESTS_UNIT_CONN_VISITOR_H
#define XSOCK_TESTS_UNIT_CONN_VISITOR_H

#include <sys/types.h>

#include <xsock/xsock.h>

#include "platform/platform.h"

#define HOST 3
#define VISITOR 4

/* A directory for the platform, before and after all tests. */
int visitors_begin(void **state);
int visitors_end(void **state);

/* The platform that this process uses next, with these ways; to be put. */
struct platform *host(const struct platform_ops *ops);
struct xsock *host_listens(const char *service);

/* It waits for the listener, sends a byte, and stays until its stream ends. */
pid_t visitor_start(const char *service);
/* It found all as it should be, or its connect failed with that errno. */
void visitor_end(pid_t visitor, int error);
/* Its connection, with the byte received. */
struct xsock *visitor_accept(struct xsock *listener);
/* All of that. */
void visitor_served(struct xsock *listener, const char *service);

/* Another domain's process writes that node as a request, which it is not, and ends. */
void visitor_writes(const char *path);

#endif
