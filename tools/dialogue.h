/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What xsock send --sha256 and xsock recv --sha256 say to each other. Without the option the stream
 * is the file's bytes and nothing else. With it:
 *
 *   receiver  greeting  "XSOCK-SHA256 v1\n", before anything else
 *   sender    header    the same 16 bytes, then the size as 8 bytes, big endian; all ones: unknown
 *             the data, then 32 bytes of digest, then end of stream
 *   receiver  verdict   one byte, after the data is stored
 *
 * An end with the option insists on a two-way connection and one without on one way, so that two
 * commands which differ are refused by the library before a byte flows. The greeting does the same
 * for programs that take any connection: a sender that isn't greeted sends nothing.
 */
#ifndef TOOLS_DIALOGUE_H
#define TOOLS_DIALOGUE_H

#include <stdint.h>

#include <xsock/xsock.h>

#include "status.h"

/* The ring of the receiver's few bytes. */
#define DIALOGUE_RING XSOCK_RING_MIN

enum verdict {
	VERDICT_STORED = 'S',
	VERDICT_DIFFERS = 'D',
	VERDICT_FAILED = 'F',
};

/* Each complains about `subject` when it fails. */
enum status send_greeting(struct xsock *socket, const char *subject);
enum status receive_greeting(struct xsock *socket, const char *subject);
enum status send_header(struct xsock *socket, const char *subject, uint64_t size);
enum status receive_header(struct xsock *socket, const char *subject, uint64_t *size);
enum status send_verdict(struct xsock *socket, const char *subject, enum verdict verdict);
/* STATUS_OK only when the data is stored. */
enum status receive_verdict(struct xsock *socket, const char *subject);
/* Sending failed with `status`: what the receiver said before, if it did, else `status`. */
enum status verdict_after(enum status status, struct xsock *socket, const char *subject);

/* Sends all of it. */
enum status send_all(struct xsock *socket, const char *subject, const void *bytes, size_t length);

#endif
