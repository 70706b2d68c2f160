/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What stands before the C library's function of the same name. */
#ifndef XSOCK_PRELOAD_PUBLIC_H
#define XSOCK_PRELOAD_PUBLIC_H

#define PUBLIC __attribute__((visibility("default")))

/* What it does once there are connections to follow: apart, since registers saved for this would cost those who have none
 * as much as all the rest. */
#define FOLLOWED static __attribute__((noinline))

#endif
