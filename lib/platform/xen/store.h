/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What store.c and permissions.c share. */
#ifndef XSOCK_PLATFORM_XEN_STORE_H
#define XSOCK_PLATFORM_XEN_STORE_H

#include "platform/xen/xen.h"

struct store {
	struct xen *xen;
	struct store_handle handle;
};

/* Notes "cannot <what> <path>: <reason>", with the quota that is likely behind it; returns -error.
 * EPERM (an owner given away) becomes EACCES. */
int xen_store_fail(int error, const char *what, const char *path);

#endif
