/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dialogue.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#include "report.h"

#define MAGIC "XSOCK-SHA256 v1\n"
#define MAGIC_BYTES (sizeof MAGIC - 1)

static enum status transfer_failed(const char *subject)
{
	enum status status = status_of_transfer(errno);

	complain(subject, "%s", xsock_last_error());
	return status;
}

enum status send_all(struct xsock *socket, const char *subject, const void *bytes, size_t length)
{
	const char *at = bytes;
	ssize_t sent;

	while (length) {
		sent = xsock_send(socket, at, length, 0);
		if (sent < 0 && errno != EINTR)
			return transfer_failed(subject);
		if (sent > 0) {
			at += sent;
			length -= (size_t)sent;
		}
	}
	return STATUS_OK;
}

/* Takes exactly `length` bytes; fewer before the end are what the other end never says. */
static enum status receive_all(struct xsock *socket, const char *subject, void *bytes,
			       size_t length, const char *what)
{
	char *at = bytes;
	ssize_t received;

	while (length) {
		received = xsock_recv(socket, at, length, MSG_WAITALL);
		if (received < 0 && errno != EINTR)
			return transfer_failed(subject);
		if (received == 0) {
			complain(subject, "the other end closed the connection without %s", what);
			return STATUS_BROKEN;
		}
		if (received > 0) {
			at += received;
			length -= (size_t)received;
		}
	}
	return STATUS_OK;
}

static enum status check_magic(const char *subject, const char magic[MAGIC_BYTES])
{
	if (!memcmp(magic, MAGIC, MAGIC_BYTES))
		return STATUS_OK;
	complain(subject, "the other end does not use --sha256; it must be given to both or none");
	return STATUS_CONNECT;
}

enum status send_greeting(struct xsock *socket, const char *subject)
{
	return send_all(socket, subject, MAGIC, MAGIC_BYTES);
}

enum status receive_greeting(struct xsock *socket, const char *subject)
{
	char magic[MAGIC_BYTES];
	enum status status =
		receive_all(socket, subject, magic, sizeof magic, "the greeting of --sha256");

	return status == STATUS_OK ? check_magic(subject, magic) : status;
}

enum status send_header(struct xsock *socket, const char *subject, uint64_t size)
{
	uint64_t wire = htobe64(size);
	char header[MAGIC_BYTES + sizeof wire];

	memcpy(header, MAGIC, MAGIC_BYTES);
	memcpy(header + MAGIC_BYTES, &wire, sizeof wire);
	return send_all(socket, subject, header, sizeof header);
}

enum status receive_header(struct xsock *socket, const char *subject, uint64_t *size)
{
	uint64_t wire;
	char header[MAGIC_BYTES + sizeof wire];
	enum status status =
		receive_all(socket, subject, header, sizeof header, "the header of --sha256");

	if (status != STATUS_OK)
		return status;
	memcpy(&wire, header + MAGIC_BYTES, sizeof wire);
	*size = be64toh(wire);
	return check_magic(subject, header);
}

enum status send_verdict(struct xsock *socket, const char *subject, enum verdict verdict)
{
	char byte = (char)verdict;

	return send_all(socket, subject, &byte, 1);
}

static enum status status_of_verdict(const char *subject, char verdict)
{
	switch (verdict) {
	case VERDICT_STORED:
		return STATUS_OK;
	case VERDICT_DIFFERS:
		complain(subject, "the digest of what the other end received differs");
		return STATUS_DIGEST;
	case VERDICT_FAILED:
		complain(subject, "the other end could not store the data");
		return STATUS_REMOTE;
	default:
		complain(subject, "the other end's verdict is none that is known");
		return STATUS_BROKEN;
	}
}

enum status receive_verdict(struct xsock *socket, const char *subject)
{
	char verdict = 0;
	enum status status = receive_all(socket, subject, &verdict, 1, "its verdict");

	return status == STATUS_OK ? status_of_verdict(subject, verdict) : status;
}

enum status verdict_after(enum status status, struct xsock *socket, const char *subject)
{
	char verdict;

	if (xsock_recv(socket, &verdict, 1, MSG_DONTWAIT) != 1 || verdict == VERDICT_STORED)
		return status;
	return status_of_verdict(subject, verdict);
}
