/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "api/socket.h"
#include "base/error.h"
#include "conn/transfer.h"

#define PIECES_MAX 1024 /* as Linux's IOV_MAX */

static int check_pieces(const struct iovec *pieces, int count)
{
	if (count < 0 || count > PIECES_MAX)
		return fail(EINVAL, "%d pieces: 0 to %d are allowed", count, PIECES_MAX);
	if (pieces == NULL && count > 0)
		return fail(EINVAL, "the pieces are NULL");
	for (int at = 0; at < count; at++)
		if (pieces[at].iov_base == NULL && pieces[at].iov_len > 0)
			return fail(EFAULT, "%zu bytes at NULL", pieces[at].iov_len);
	return 0;
}

static ssize_t send_pieces(struct xsock *socket, const struct iovec *pieces, int count, int flags)
{
	int error;
	struct connection *connection = socket_connection(socket, &error);

	if (error == 0)
		error = check_pieces(pieces, count);
	if (error == 0)
		return socket_result(transfer_send(connection, pieces, count, flags));
	return socket_result(error);
}

static ssize_t receive_pieces(struct xsock *socket, const struct iovec *pieces, int count,
			      int flags)
{
	int error;
	struct connection *connection = socket_connection(socket, &error);

	if (error == 0)
		error = check_pieces(pieces, count);
	if (error == 0)
		return socket_result(transfer_receive(connection, pieces, count, flags));
	return socket_result(error);
}

PUBLIC ssize_t xsock_sendv(struct xsock *socket, const struct iovec *pieces, int count, int flags)
{
	return send_pieces(socket, pieces, count, flags);
}

PUBLIC ssize_t xsock_recvv(struct xsock *socket, const struct iovec *pieces, int count, int flags)
{
	return receive_pieces(socket, pieces, count, flags);
}

PUBLIC ssize_t xsock_send(struct xsock *socket, const void *buffer, size_t length, int flags)
{
	/* struct iovec serves both ways, hence no const; nothing is written through it here. */
	struct iovec piece = { .iov_base = (void *)(uintptr_t)buffer, .iov_len = length };

	return send_pieces(socket, &piece, 1, flags);
}

PUBLIC ssize_t xsock_recv(struct xsock *socket, void *buffer, size_t length, int flags)
{
	struct iovec piece = { .iov_base = buffer, .iov_len = length };

	return receive_pieces(socket, &piece, 1, flags);
}

PUBLIC ssize_t xsock_send_withdraw(struct xsock *socket, void *buffer, size_t length)
{
	int error;
	struct connection *connection = socket_connection(socket, &error);

	if (error == 0 && buffer == NULL && length > 0)
		error = fail(EFAULT, "%zu bytes at NULL", length);
	return socket_result(error != 0 ? error : transfer_withdraw(connection, buffer, length));
}

static struct connection *connection_for_spans(const struct xsock *socket, const struct iovec *span,
					       int *error)
{
	struct connection *connection = socket_connection(socket, error);

	if (*error == 0 && span == NULL)
		*error = fail(EINVAL, "the place for the spans is NULL");
	return connection;
}

PUBLIC ssize_t xsock_send_reserve(struct xsock *socket, struct iovec span[2], size_t want,
				  int flags)
{
	int error;
	struct connection *connection = connection_for_spans(socket, span, &error);

	return socket_result(error != 0 ? error : transfer_reserve(connection, span, want, flags));
}

PUBLIC int xsock_send_commit(struct xsock *socket, size_t length)
{
	int error;
	struct connection *connection = socket_connection(socket, &error);

	return (int)socket_result(error != 0 ? error : transfer_commit(connection, length));
}

PUBLIC ssize_t xsock_recv_peek(struct xsock *socket, struct iovec span[2], size_t want, int flags)
{
	int error;
	struct connection *connection = connection_for_spans(socket, span, &error);

	return socket_result(error != 0 ? error : transfer_peek(connection, span, want, flags));
}

PUBLIC int xsock_recv_ready(struct xsock *socket)
{
	int error;
	struct connection *connection = socket_connection(socket, &error);

	return (int)socket_result(error != 0 ? error : transfer_is_receivable(connection));
}

PUBLIC int xsock_recv_consume(struct xsock *socket, size_t length)
{
	int error;
	struct connection *connection = socket_connection(socket, &error);

	return (int)socket_result(error != 0 ? error : transfer_consume(connection, length));
}
