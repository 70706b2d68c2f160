/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the kernel has disarmed for EPOLLONESHOT, before the thread that got the event could say so. */
#ifndef XSOCK_PRELOAD_ARMED_H
#define XSOCK_PRELOAD_ARMED_H

#include <stdbool.h>

/* By /proc, which shows a disarmed registration without EPOLLERR and EPOLLHUP; true when it cannot be told. */
bool registration_is_armed(int epoll_fd, int fd);

#endif
