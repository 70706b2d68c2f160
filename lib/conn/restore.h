/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Listeners of a domain that was saved and restored: it has a new home in XenStore, mostly under a
 * new number. */
#ifndef XSOCK_CONN_RESTORE_H
#define XSOCK_CONN_RESTORE_H

struct listener;

/* Looks whether it was; then the listener goes on in the domain as it is, or tries again soon. */
void restore_listener(struct listener *listener);

#endif
