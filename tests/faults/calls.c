/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "calls.h"

#include <errno.h>
#include <string.h>

#define ERRORS_MAX 24

static const struct {
	const char *name;
	bool ends; /* when the peer is gone */
	int errors[ERRORS_MAX];
} calls[CALLS] = {
	[CALL_LISTEN] = { "xsock_listen",
			  false,
			  { EINVAL, EADDRINUSE, EACCES, ENOSPC, ENODEV, EMFILE, ENFILE, ENOMEM, EIO,
			    ETIMEDOUT } },
	[CALL_ACCEPT] = { "xsock_accept",
			  false,
			  { EAGAIN, ETIMEDOUT, EINTR, EOPNOTSUPP, ECONNABORTED, EINVAL, EBADF,
			    ENOMEM } },
	[CALL_CONNECT] = { "xsock_connect",
			   false,
			   { EINVAL, EHOSTUNREACH, ECONNREFUSED, EACCES, EOPNOTSUPP, ETIMEDOUT,
			     EDQUOT, ENOSPC, EPROTO, ECONNRESET, EINTR, ENODEV, EMFILE, ENFILE,
			     ENOMEM, EIO } },
	[CALL_CONNECT_FINISH] = { "xsock_connect_finish",
				  false,
				  { EINPROGRESS, ENOTCONN, EBADF, EINVAL, EHOSTUNREACH,
				    ECONNREFUSED, EACCES, EOPNOTSUPP, ETIMEDOUT, EDQUOT, ENOSPC,
				    EPROTO, ECONNRESET, EINTR, ENODEV, EMFILE, ENFILE, ENOMEM,
				    EIO } },
	[CALL_SHUTDOWN] = { "xsock_shutdown", false, { EINVAL, ENOTCONN, EBADF } },
	[CALL_CLOSE] = { "xsock_close", false, { 0 } },
	[CALL_SET_TIMEOUTS] = { "xsock_set_timeouts", false, { EINVAL, ENOTCONN, EBADF } },
	[CALL_SEND] = { "xsock_send",
			true,
			{ EAGAIN, ETIMEDOUT, EINTR, EPIPE, ECONNRESET, EPROTO, EOPNOTSUPP, ENOTCONN,
			  EBADF, EFAULT, EINVAL } },
	[CALL_RECV] = { "xsock_recv",
			true,
			{ EAGAIN, ETIMEDOUT, EINTR, ECONNRESET, EPROTO, EOPNOTSUPP, ENOTCONN, EBADF,
			  EFAULT, EINVAL } },
	[CALL_WITHDRAW] = { "xsock_send_withdraw",
			    false,
			    { EBUSY, EFAULT, EPROTO, EOPNOTSUPP, ENOTCONN, EAGAIN, EBADF,
			      EINVAL } },
	[CALL_RESERVE] = { "xsock_send_reserve",
			   true,
			   { EAGAIN, ETIMEDOUT, EINTR, EPIPE, ECONNRESET, EPROTO, EOPNOTSUPP,
			     ENOTCONN, EBADF, EFAULT, EINVAL, EMSGSIZE } },
	[CALL_COMMIT] = { "xsock_send_commit",
			  false,
			  { EINVAL, EPIPE, ECONNRESET, EPROTO, EOPNOTSUPP, ENOTCONN, EBADF } },
	[CALL_PEEK] = { "xsock_recv_peek",
			true,
			{ EAGAIN, ETIMEDOUT, EINTR, ECONNRESET, EPROTO, EOPNOTSUPP, ENOTCONN, EBADF,
			  EFAULT, EINVAL, EMSGSIZE } },
	[CALL_CONSUME] = { "xsock_recv_consume",
			   false,
			   { EINVAL, ECONNRESET, EPROTO, EOPNOTSUPP, ENOTCONN, EBADF } },
	[CALL_POLL] = { "xsock_poll",
			false,
			{ EINTR, EINVAL, EMFILE, ENFILE, ENOMEM, EBADF, EFAULT } },
	[CALL_FD] = { "xsock_fd", false, { EMFILE, ENFILE, ENOMEM, ENOSPC, EBADF, EINVAL } },
	[CALL_READY] = { "xsock_recv_ready", false, { ENOTCONN, EBADF, EINVAL } },
	[CALL_SET_EVENTS] = { "xsock_set_events", false, { EINVAL, EBADF } },
	[CALL_LOOKUP] = { "xsock_lookup",
			  false,
			  { ENOENT, EINVAL, EAFNOSUPPORT, EACCES, ENODEV, EMFILE, ENFILE, ENOMEM,
			    EIO } },
	[CALL_GET_INFO] = { "xsock_get_info", false, { EINVAL, EBADF, EFAULT } },
};

const char *call_name(enum call call)
{
	return calls[call].name;
}

/* What a connection needs here, it could not get; see xsock.h's conventions. */
static bool breaks_connections(enum call call, int error)
{
	static const int errors[] = { EMFILE, ENFILE, ENOMEM, EIO };

	if (call != CALL_SEND && call != CALL_RECV && call != CALL_RESERVE && call != CALL_PEEK &&
	    call != CALL_COMMIT && call != CALL_CONSUME && call != CALL_WITHDRAW)
		return false;
	for (unsigned at = 0; at < sizeof errors / sizeof *errors; at++)
		if (errors[at] == error)
			return true;
	return false;
}

static bool is_named(enum call call, int error)
{
	for (unsigned at = 0; at < ERRORS_MAX && calls[call].errors[at] != 0; at++)
		if (calls[call].errors[at] == error)
			return true;
	return false;
}

bool call_documents(enum call call, int error)
{
	/* What the connect failed with, where it did not wait. */
	if (calls[call].ends && is_named(CALL_CONNECT, error))
		return true;
	return breaks_connections(call, error) || is_named(call, error);
}

bool call_must_end(const char *name)
{
	for (unsigned call = 0; call < CALLS; call++)
		if (!strcmp(name, calls[call].name))
			return calls[call].ends;
	return false;
}

/* Linux has several names for a lack of memory, and for a number of descriptors. */
static bool is_same(int injected, int error)
{
	return ((injected == ENOBUFS || injected == ENOLCK || injected == EAGAIN) &&
		error == ENOMEM) ||
	       (injected == ETOOMANYREFS && error == EMFILE);
}

/* What a peer offered does not work, as far as anybody can tell. */
static bool is_about_the_peer(enum kind kind, int injected)
{
	if (kind == KIND_CONNECT)
		return injected == ECONNREFUSED || injected == EAGAIN;
	if (kind == KIND_SENDMSG)
		return injected == EPIPE || injected == ECONNRESET;
	return injected == EINVAL || injected == EFAULT;
}

static bool connector_may_say(const struct plan *plan, int error)
{
	if (error == EPROTO || error == ECONNREFUSED)
		return is_about_the_peer(plan->kind, plan->error);
	/* A listener that is in the same process fails the same way, and cannot always say so. */
	return plan->stays && (error == ENOSPC || error == ETIMEDOUT);
}

bool call_may_say(enum call call, const struct plan *plan, int error)
{
	if (error == EINTR || error == plan->error || is_same(plan->error, error))
		return true;
	/* Its set-ups are others' calls, and what failed of them is in the sentence. */
	if (call == CALL_ACCEPT && (error == ECONNABORTED || (plan->stays && error == ETIMEDOUT)))
		return true;
	/* The ring cannot grow; the sentence says so. */
	if ((call == CALL_RESERVE || call == CALL_PEEK) && error == EMSGSIZE)
		return true;
	/* The other side stopped meanwhile. */
	if (calls[call].ends && (error == EPIPE || error == ECONNRESET))
		return true;
	if (call == CALL_CONNECT_FINISH || call == CALL_CONNECT)
		return connector_may_say(plan, error);
	return false;
}
