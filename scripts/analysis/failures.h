/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For analysers, which see one file at a time: what fail() returns is never 0. */
#include "base/error.h"

static inline int negative(int error)
{
	int result = -error;

	if (result >= 0)
		__builtin_unreachable();
	return result;
}

/* clang's looks into no function of variable arguments. */
#define fail(error, ...) (fail((error), __VA_ARGS__), negative(error))
