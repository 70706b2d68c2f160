/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The hosts file of this domain, read again when it changed. */
#ifndef XSOCK_CONN_HOSTSFILE_H
#define XSOCK_CONN_HOSTSFILE_H

#include "conn/hosts.h"

#define HOSTS_PATH "/etc/xsock/hosts" /* where $XSOCK_HOSTS names no other */

/*
 * Who owns the address, as in hosts_find; -ENOENT also when there is no such file. -EINVAL for a
 * file that is malformed, whatever the line about this address says, and the errors of open(2).
 * Costs a stat(2) while the file stays as it is. From any thread, and in children of fork.
 */
int hostsfile_find(const struct ip *ip, unsigned *owner);

#endif
