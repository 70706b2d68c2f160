/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Directions that end, closed ends, dead peers, and bytes that are taken back. */
#include "target.h"

#include "world/calls.h"
#include "world/input.h"
#include "world/world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum call calls[] = { CALL_SEND,    CALL_RECEIVE, CALL_SHUTDOWN, CALL_WITHDRAW,
					   CALL_CLOSE,   CALL_POLL,    CALL_INFO,     CALL_PEEK,
					   CALL_RESERVE, CALL_COMMIT,  CALL_CONSUME,  CALL_EVENTS };
	struct terms terms;

	world_begin(data, size);
	terms = terms_from_input(16u << 10, input_below(2) == 1);
	calls_between(&terms, calls, sizeof calls / sizeof calls[0]);
	world_end();
	return 0;
}
