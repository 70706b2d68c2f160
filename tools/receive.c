/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "receive.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "dialogue.h"
#include "digest.h"
#include "progress.h"
#include "report.h"

#define COPY_BYTES ((size_t)256 << 10)

struct receiving {
	struct xsock *socket;
	const char *subject;
	struct output *output;
	struct evp_md_ctx_st *digest;
	struct progress progress;
};

/* Waits for `want` bytes or the end of the stream; fewer are STATUS_OK with *there < want. */
static enum status look(struct receiving *receiving, struct iovec pieces[2], size_t want,
			size_t *there)
{
	enum status status;
	ssize_t got;

	*there = 0;
	do
		got = xsock_recv_peek(receiving->socket, pieces, want, 0);
	while (got < 0 && errno == EINTR);
	if (got < 0) {
		status = status_of_transfer(errno);
		complain(receiving->subject, "%s", xsock_last_error());
		return status;
	}
	*there = (size_t)got;
	return STATUS_OK;
}

static enum status take(struct receiving *receiving, size_t length)
{
	if (!xsock_recv_consume(receiving->socket, length))
		return STATUS_OK;
	complain(receiving->subject, "%s", xsock_last_error());
	return STATUS_BROKEN;
}

/* Writes straight from the ring. */
static enum status receive_plain(struct receiving *receiving)
{
	struct iovec pieces[2];
	enum status status;
	size_t there;

	for (;;) {
		status = look(receiving, pieces, 1, &there);
		if (status != STATUS_OK || there == 0)
			return status;
		if (!output_write(receiving->output, pieces, 2))
			return STATUS_LOCAL;
		status = take(receiving, there);
		if (status != STATUS_OK)
			return status;
		progress_add(&receiving->progress, there);
	}
}

static void copy(char *to, const struct iovec pieces[2], size_t length)
{
	size_t first = length < pieces[0].iov_len ? length : pieces[0].iov_len;

	memcpy(to, pieces[0].iov_base, first);
	if (length > first)
		memcpy(to + first, pieces[1].iov_base, length - first);
}

static enum status store_copy(struct receiving *receiving, char *bytes, size_t length)
{
	struct iovec piece = { bytes, length };

	if (!digest_add(receiving->digest, bytes, length) ||
	    !output_write(receiving->output, &piece, 1))
		return STATUS_LOCAL;
	progress_add(&receiving->progress, length);
	return take(receiving, length);
}

/*
 * Copies from the ring first: the sender could change there what was digested before it is written.
 * The last bytes of the stream are the digest, so as many always stay in the ring.
 */
static enum status receive_data(struct receiving *receiving, char their_digest[DIGEST_BYTES])
{
	static char buffer[COPY_BYTES];
	struct iovec pieces[2];
	enum status status;
	size_t there;

	for (;;) {
		status = look(receiving, pieces, DIGEST_BYTES + 1, &there);
		if (status != STATUS_OK)
			return status;
		if (there <= DIGEST_BYTES)
			break;
		there -= DIGEST_BYTES;
		there = there < COPY_BYTES ? there : COPY_BYTES;
		copy(buffer, pieces, there);
		status = store_copy(receiving, buffer, there);
		if (status != STATUS_OK)
			return status;
	}
	if (there < DIGEST_BYTES) {
		complain(receiving->subject, "the stream ended without its digest");
		return STATUS_BROKEN;
	}
	copy(their_digest, pieces, DIGEST_BYTES);
	status = take(receiving, DIGEST_BYTES);
	/* These may be the last before an accident, and not before the end: another look tells. */
	return status == STATUS_OK ? look(receiving, pieces, 1, &there) : status;
}

static enum status receive_and_compare(struct receiving *receiving)
{
	unsigned char own_digest[DIGEST_BYTES];
	char their_digest[DIGEST_BYTES];
	enum status status = receive_data(receiving, their_digest);

	if (status != STATUS_OK)
		return status;
	if (!digest_result(receiving->digest, own_digest))
		return STATUS_LOCAL;
	if (!memcmp(own_digest, their_digest, DIGEST_BYTES))
		return STATUS_OK;
	complain(receiving->subject, "the digest of the data differs from the sender's");
	return STATUS_DIGEST;
}

/* Nothing but the greeting is said to a sender that turns out not to use --sha256. */
static enum status receive_checked(struct receiving *receiving,
				   const struct transfer_options *options)
{
	uint64_t size;
	enum status status = send_greeting(receiving->socket, receiving->subject);
	enum verdict verdict = VERDICT_FAILED;

	if (status == STATUS_OK)
		status = receive_header(receiving->socket, receiving->subject, &size);
	if (status != STATUS_OK)
		return status;
	progress_begin(&receiving->progress, size, options->quiet, options->progress);
	status = receive_and_compare(receiving);
	if (status == STATUS_OK && !output_finish(receiving->output, true))
		status = STATUS_LOCAL;
	if (status == STATUS_OK)
		verdict = VERDICT_STORED;
	else if (status == STATUS_DIGEST)
		verdict = VERDICT_DIFFERS;
	if (status == STATUS_BROKEN || status == STATUS_TIMEOUT)
		return status;
	if (send_verdict(receiving->socket, receiving->subject, verdict) != STATUS_OK)
		note(receiving->subject, "the sender did not wait for the verdict");
	return status;
}

enum status receive(struct xsock *socket, const char *subject, struct output *output,
		    const struct transfer_options *options)
{
	struct receiving receiving = { .socket = socket, .subject = subject, .output = output };
	enum status status = STATUS_OK;

	if (options->sha256) {
		receiving.digest = digest_begin();
		status = receiving.digest ? receive_checked(&receiving, options) : STATUS_LOCAL;
	} else {
		progress_begin(&receiving.progress, SIZE_UNKNOWN, options->quiet,
			       options->progress);
		status = receive_plain(&receiving);
		if (status == STATUS_OK && !output_finish(output, false))
			status = STATUS_LOCAL;
	}
	if (status == STATUS_OK)
		progress_end(&receiving.progress);
	else
		output_discard(output);
	digest_free(receiving.digest);
	return status;
}
