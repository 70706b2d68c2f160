/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What xsock_lookup finds in XenStore: /xsock/address/<address>, domain 0's and readable by all. */
#ifndef TOOLS_PUBLISHED_H
#define TOOLS_PUBLISHED_H

#include <stdbool.h>

#include "claims.h"

struct xs_handle;

/* All of these are false after a complaint. */

/* What is published now, settled. */
bool published_read(struct xs_handle *store, struct claims *claims);

/* Is told of each change: '+' or '-'. */
typedef void published_change(char sign, const char *address, const char *domain);

/* Makes it what `claims`, settled, say; with `dry` it is only told what that would take. */
bool published_write(struct xs_handle *store, const struct claims *claims, bool dry,
		     published_change *changed);

/* Takes everything back. */
bool published_remove(struct xs_handle *store);

#endif
