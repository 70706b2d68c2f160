/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a hosts file says: which domain owns an address. xsock-hosts(5) has the format. */
#ifndef XSOCK_CONN_HOSTS_H
#define XSOCK_CONN_HOSTS_H

#include <stddef.h>

#include "conn/ip.h"
#include "platform/platform.h"

/* Beside the numbers of domains. */
#define OWNER_SELF (DOMAIN_MAX + 1) /* whichever domain reads the file */
#define OWNER_NONE (DOMAIN_MAX + 2) /* no domain of this host, XenStore is not to be asked */

struct hosts;

/* Takes the text apart, which is changed and ended by a NUL. `name` is for the sentence of -EINVAL,
 * which names the line too. Free with free(). */
int hosts_parse(char *text, size_t length, const char *name, struct hosts **hosts);

/* The owner by the line with the longest prefix, or -ENOENT. */
int hosts_find(const struct hosts *hosts, const struct ip *ip, unsigned *owner);

#endif
