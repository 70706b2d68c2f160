/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The parts of xsock doctor; each says what it finds by verdicts.h. */
#ifndef TOOLS_DOCTOR_H
#define TOOLS_DOCTOR_H

#include <stdbool.h>

struct platform;

/* This is a Xen domain. */
bool doctor_on_xen(void);

/* Devices and what the kernel lets them do. */
void doctor_devices(void);
/* Pages in use, of what this user may see, and the limits. */
void doctor_limits(void);
/* XenStore: access, and quotas in use; and the addresses that domain 0 published for domains that
 * are gone. In builds with Xen. */
void doctor_store(const struct platform *platform, bool remove);
/* The local platform's directory, and its store; false when there is nothing in it. */
bool doctor_local(void);
/* What a process of this user may open. */
void doctor_descriptors(void);

/* Leftovers of dead processes, on the platform of that name. */
void doctor_leftovers(const char *platform, bool remove);

#endif
