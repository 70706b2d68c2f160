/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One transfer of xsock recv: from a connected socket into an output. */
#ifndef TOOLS_RECEIVE_H
#define TOOLS_RECEIVE_H

#include <xsock/xsock.h>

#include "arguments.h"
#include "output.h"
#include "status.h"

/*
 * Receives until the end of the stream and finishes the output; on failure discards it, after a
 * complaint about `subject` and a word to the sender if it waits for one. The socket stays with the
 * caller.
 */
enum status receive(struct xsock *socket, const char *subject, struct output *output,
		    const struct transfer_options *options);

#endif
