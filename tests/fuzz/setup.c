/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A control page and lists of references that change while they are looked at; rings of up to 4
 * MiB, whose references need index pages. */
#include "target.h"

#include "world/calls.h"
#include "world/world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum call calls[] = { CALL_SEND, CALL_RECEIVE, CALL_INFO };
	struct terms terms;

	world_begin(data, size);
	terms = terms_from_input(4u << 20, false);
	calls_between(&terms, calls, sizeof calls / sizeof calls[0]);
	world_end();
	return 0;
}
