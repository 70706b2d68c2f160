/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "preload/library.h"

#include <dlfcn.h>
#include <stddef.h>
#include <xsock/xsock.h>

/* One line a function: result, name, parameters, their names. */
#define LIBRARY_CALLS(CALL)                                                                        \
	CALL(struct xsock *, xsock_listen,                                                         \
	     (const char *service, const struct xsock_options *options), (service, options))       \
	CALL(struct xsock *, xsock_accept, (struct xsock * listener, int timeout),                 \
	     (listener, timeout))                                                                  \
	CALL(struct xsock *, xsock_connect,                                                        \
	     (const char *address, const struct xsock_options *options), (address, options))       \
	CALL(int, xsock_connect_finish, (struct xsock * socket), (socket))                         \
	CALL(int, xsock_shutdown, (struct xsock * socket, int how), (socket, how))                 \
	CALL(int, xsock_close, (struct xsock * socket), (socket))                                  \
	CALL(ssize_t, xsock_send,                                                                  \
	     (struct xsock * socket, const void *buffer, size_t length, int flags),                \
	     (socket, buffer, length, flags))                                                      \
	CALL(ssize_t, xsock_recv, (struct xsock * socket, void *buffer, size_t length, int flags), \
	     (socket, buffer, length, flags))                                                      \
	CALL(ssize_t, xsock_sendv,                                                                 \
	     (struct xsock * socket, const struct iovec *pieces, int count, int flags),            \
	     (socket, pieces, count, flags))                                                       \
	CALL(ssize_t, xsock_recvv,                                                                 \
	     (struct xsock * socket, const struct iovec *pieces, int count, int flags),            \
	     (socket, pieces, count, flags))                                                       \
	CALL(ssize_t, xsock_send_withdraw, (struct xsock * socket, void *buffer, size_t length),   \
	     (socket, buffer, length))                                                             \
	CALL(ssize_t, xsock_recv_peek,                                                             \
	     (struct xsock * socket, struct iovec span[2], size_t want, int flags),                \
	     (socket, span, want, flags))                                                          \
	CALL(int, xsock_recv_consume, (struct xsock * socket, size_t length), (socket, length))    \
	CALL(int, xsock_recv_ready, (struct xsock * socket), (socket))                             \
	CALL(int, xsock_poll, (struct xsock_pollfd * entries, size_t count, int timeout),          \
	     (entries, count, timeout))                                                            \
	CALL(int, xsock_fd, (struct xsock * socket), (socket))                                     \
	CALL(int, xsock_set_events, (struct xsock * socket, short events), (socket, events))       \
	CALL(int, xsock_lookup,                                                                    \
	     (const struct sockaddr *address, socklen_t length, const char *platform,              \
	      unsigned *domain),                                                                   \
	     (address, length, platform, domain))                                                  \
	CALL(int, xsock_set_descriptor_floor, (int lowest), (lowest))                              \
	CALL(int, xsock_owns_descriptor, (int fd), (fd))                                           \
	CALL(int, xsock_get_info, (struct xsock * socket, struct xsock_info * info, size_t size),  \
	     (socket, info, size))                                                                 \
	CALL(const char *, xsock_last_error, (void), ())

/* NOLINTNEXTLINE(bugprone-macro-parentheses): a type and a name to be declared */
#define LIBRARY_MEMBER(result, name, parameters, arguments) result(*name) parameters;
#define LIBRARY_NAME(result, name, parameters, arguments)                                          \
	{ #name, offsetof(struct library_calls, name) },
#define LIBRARY_CALL(result, name, parameters, arguments)                                          \
	result name parameters                                                                     \
	{                                                                                          \
		return library.name arguments;                                                     \
	}

struct library_calls {
	LIBRARY_CALLS(LIBRARY_MEMBER)
};

static struct library_calls library;

static const struct {
	const char *name;
	size_t offset;
} calls[] = { LIBRARY_CALLS(LIBRARY_NAME) };

/* The library itself has hidden names of the same spelling for them: programs with a libxsock of
 * their own keep it. */
LIBRARY_CALLS(LIBRARY_CALL)

static bool loaded;

bool library_is_loaded(void)
{
	return __atomic_load_n(&loaded, __ATOMIC_ACQUIRE);
}

bool library_load(void)
{
	/* Never unloaded: it has handlers for fork. */
	void *handle = dlopen(XSOCK_SONAME, RTLD_LAZY | RTLD_LOCAL | RTLD_NODELETE);

	for (size_t at = 0; handle != NULL && at < sizeof calls / sizeof calls[0]; at++) {
		void **call = (void **)(void *)((char *)&library + calls[at].offset);

		*call = dlsym(handle, calls[at].name);
		if (*call == NULL)
			return false;
	}
	__atomic_store_n(&loaded, handle != NULL, __ATOMIC_RELEASE);
	return handle != NULL;
}
