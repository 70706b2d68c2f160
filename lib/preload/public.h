/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What stands before the C library's function of the same name. */
#ifndef XSOCK_PRELOAD_PUBLIC_H
#define XSOCK_PRELOAD_PUBLIC_H

#define PUBLIC __attribute__((visibility("default")))

#endif
