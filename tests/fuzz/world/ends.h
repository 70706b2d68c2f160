/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two ends of one connection, each of them a library that the words in shared memory lie to. */
#ifndef XSOCK_TESTS_FUZZ_ENDS_H
#define XSOCK_TESTS_FUZZ_ENDS_H

#include "api/socket.h"
#include "memory.h"

/* What one end did, and holds. */
struct end {
	struct xsock socket; /* its connection is NULL when there is none, or none any more */
	struct iovec peeked[2], reserved[2]; /* as last handed out, without what was given back */
	size_t peeked_left, reserved_left;
	size_t peeked_most, reserved_most; /* that the library may still take back */
	uint64_t sent, received;           /* bytes */
};

struct ends {
	struct end end[2];
};

/* Of terms as A has them, which grants or maps; true when the set-up came to its end. */
bool ends_open(struct ends *ends, const struct terms *terms);
void ends_close(struct ends *ends);
void end_close(struct end *end);

/* Terms from the input: sizes up to `most`, that grow or do not, of any direction. */
struct terms terms_from_input(uint64_t most, bool grows);

#endif
