/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "preload/pieces.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <xsock/xsock.h>

#define NOWHERE 4096

/* The kernel tells any bad address; here others than NULL and what is near it are a bad memcpy's end. */
bool pieces_nowhere(const void *address)
{
	return (uintptr_t)address < NOWHERE;
}

bool pieces_ask(const struct iovec *iov, int count)
{
	for (int at = 0; at < count; at++)
		if (iov[at].iov_len > 0)
			return true;
	return false;
}

static void fill(struct pieces *pieces)
{
	while (pieces->count < PIECES_AT_A_TIME && pieces->rest_count > 0) {
		if (pieces->rest->iov_len > 0)
			pieces->entries[pieces->count++] = *pieces->rest;
		pieces->total += pieces->rest->iov_len;
		pieces->rest++;
		pieces->rest_count--;
	}
}

int pieces_set(struct pieces *pieces, const struct iovec *iov, size_t count)
{
	size_t total = 0;

	pieces->nowhere = false;
	if (pieces_nowhere(iov) && count > 0) {
		errno = EFAULT;
		return -1;
	}
	for (size_t at = 0; at < count; at++) {
		if (iov[at].iov_len > SSIZE_MAX - total) {
			errno = EINVAL;
			return -1;
		}
		if (iov[at].iov_len > 0 && pieces_nowhere(iov[at].iov_base))
			pieces->nowhere = true;
		total += iov[at].iov_len;
	}
	pieces->rest = iov;
	pieces->rest_count = count;
	pieces->count = pieces->total = 0;
	fill(pieces);
	return 0;
}

void pieces_advance(struct pieces *pieces, size_t length)
{
	size_t done = 0;

	pieces->total -= length;
	while (done < pieces->count && length >= pieces->entries[done].iov_len)
		length -= pieces->entries[done++].iov_len;
	for (size_t at = done; at < pieces->count; at++)
		pieces->entries[at - done] = pieces->entries[at];
	pieces->count -= done;
	if (length > 0) {
		pieces->entries[0].iov_base = (char *)pieces->entries[0].iov_base + length;
		pieces->entries[0].iov_len -= length;
	}
	fill(pieces);
}

void pieces_limit(const struct pieces *pieces, size_t most, struct pieces *limited)
{
	*limited = (struct pieces){ 0 };
	while (limited->count < pieces->count && most > 0) {
		struct iovec entry = pieces->entries[limited->count];

		if (entry.iov_len > most)
			entry.iov_len = most;
		most -= entry.iov_len;
		limited->total += entry.iov_len;
		limited->entries[limited->count++] = entry;
	}
}

ssize_t pieces_discard(struct xsock *ring, const struct pieces *pieces, int flags)
{
	struct iovec span[2];
	ssize_t there = xsock_recv_peek(ring, span, 1, MSG_DONTWAIT);
	size_t count;

	if (there <= 0)
		return there;
	count = (size_t)there < pieces->total ? (size_t)there : pieces->total;
	if ((flags & MSG_PEEK) == 0 && xsock_recv_consume(ring, count) != 0)
		return -1;
	return (ssize_t)count;
}
