/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Connecting as the command line asks for it: once, or again until somebody listens. */
#ifndef TOOLS_CONNECT_H
#define TOOLS_CONNECT_H

#include <stdbool.h>

#include <xsock/xsock.h>

#include "arguments.h"
#include "status.h"

#define CONNECT_DEFAULT 5000 /* ms, for one attempt */

/* With `patiently`, a domain or listener that is not there is waited for. Complains on failure. */
enum status connect_to(struct xsock **socket, const char *address,
		       const struct transfer_options *given, bool patiently);

#endif
