/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bytes both ways through rings of fixed size, whose indices and bytes are the peer's. */
#include "target.h"

#include "world/calls.h"
#include "world/world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum call calls[] = { CALL_SEND,    CALL_RECEIVE, CALL_PEEK, CALL_CONSUME,
					   CALL_RESERVE, CALL_COMMIT,  CALL_INFO, CALL_TIME };
	struct terms terms;

	world_begin(data, size);
	terms = terms_from_input(64u << 10, false);
	calls_between(&terms, calls, sizeof calls / sizeof calls[0]);
	world_end();
	return 0;
}
