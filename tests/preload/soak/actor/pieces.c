/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pieces.h"

#include "common/stream.h"

int cut(struct iovec pieces[MOST_PIECES], void *buffer, size_t length, uint64_t salt)
{
	int count = 1 + (int)random_below(&salt, MOST_PIECES);
	unsigned char *at = buffer;

	for (int piece = 0; piece < count; piece++) {
		size_t part = piece == count - 1 ? length : random_below(&salt, length + 1);

		pieces[piece] = (struct iovec){ .iov_base = at, .iov_len = part };
		at += part;
		length -= part;
	}
	return count;
}
