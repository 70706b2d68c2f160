/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rings that grow and shrink: wishes, offers, lists of references, turns, and every answer to them.
 */
#include "target.h"

#include "world/calls.h"
#include "world/world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum call calls[] = { CALL_SEND, CALL_RECEIVE, CALL_SEND,    CALL_RECEIVE,
					   CALL_PEEK, CALL_CONSUME, CALL_RESERVE, CALL_COMMIT,
					   CALL_POLL, CALL_TIME,    CALL_INFO,    CALL_SHUTDOWN,
					   CALL_CLOSE };
	struct terms terms;

	world_begin(data, size);
	terms = terms_from_input(1u << 20, true);
	calls_between(&terms, calls, sizeof calls / sizeof calls[0]);
	world_end();
	return 0;
}
