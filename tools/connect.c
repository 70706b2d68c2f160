/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "connect.h"

#include <errno.h>
#include <poll.h>

#include "deadline.h"
#include "dialogue.h"
#include "report.h"

#define RETRY_INTERVAL 100            /* ms between two attempts */
#define BULK_RING ((size_t)256 << 10) /* fewer wake-ups than with the library's default */

static struct xsock *connect_once(const char *address, const struct transfer_options *given,
				  int timeout)
{
	struct xsock_options options = {
		.role = given->role,
		.direction = given->sha256 ? XSOCK_DIR_TWO_WAY : XSOCK_DIR_SEND,
		.send_ring = given->ring ? given->ring : BULK_RING,
		.recv_ring = given->sha256 ? DIALOGUE_RING : 0,
		.connect_timeout = timeout,
		.platform = given->platform,
	};

	return xsock_connect(address, &options);
}

/* What may be so while one waits for a domain and its listener to start. */
static bool passes(int error)
{
	return error == ECONNREFUSED || error == EHOSTUNREACH || error == ETIMEDOUT ||
	       error == ECONNRESET || error == EINTR;
}

static enum status failed(const char *address, int error)
{
	const char *hint = "";

	if (error == EOPNOTSUPP)
		hint = "; do both ends agree on --role and --sha256?";
	complain(address, "%s%s", xsock_last_error(), hint);
	return status_of_connect(error);
}

static enum status connect_patiently(struct xsock **socket, const char *address,
				     const struct transfer_options *given)
{
	long long deadline = time_limit_in(given->timeout == NO_TIME_GIVEN ? -1 : given->timeout);
	int left;

	for (;;) {
		left = time_left(deadline);
		if (left < 0 || left > CONNECT_DEFAULT)
			left = CONNECT_DEFAULT;
		*socket = connect_once(address, given, left > 0 ? left : 1);
		if (*socket)
			return STATUS_OK;
		if (!passes(errno))
			return failed(address, errno);
		left = time_left(deadline);
		if (left == 0)
			return failed(address, ETIMEDOUT);
		poll(NULL, 0, left > 0 && left < RETRY_INTERVAL ? left : RETRY_INTERVAL);
	}
}

enum status connect_to(struct xsock **socket, const char *address,
		       const struct transfer_options *given, bool patiently)
{
	int timeout = given->timeout == NO_TIME_GIVEN ? CONNECT_DEFAULT : given->timeout;

	if (patiently)
		return connect_patiently(socket, address, given);
	do
		*socket = connect_once(address, given, timeout);
	while (!*socket && errno == EINTR);
	return *socket ? STATUS_OK : failed(address, errno);
}
