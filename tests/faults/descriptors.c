/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* System calls that make descriptors, wait for them, or move them. */
#include "inject.h"
#include "wraps.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/uio.h>

int __wrap_open64(const char *path, int flags, ...)
{
	va_list arguments;
	mode_t mode;

	va_start(arguments, flags);
	mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
	va_end(arguments);
	return fails(KIND_OPEN) ? -1 : __real_open64(path, flags, mode);
}

int __wrap_openat64(int at, const char *path, int flags, ...)
{
	va_list arguments;
	mode_t mode;

	va_start(arguments, flags);
	mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
	va_end(arguments);
	return fails(KIND_OPENAT) ? -1 : __real_openat64(at, path, flags, mode);
}

/* Linux frees the number whatever it returns. */
int __wrap_close(int fd)
{
	int error = injected(KIND_CLOSE);
	int result = __real_close(fd);

	if (error == 0)
		return result;
	errno = error;
	return -1;
}

int __wrap_memfd_create(const char *name, unsigned flags)
{
	return fails(KIND_MEMFD_CREATE) ? -1 : __real_memfd_create(name, flags);
}

int __wrap_eventfd(unsigned count, int flags)
{
	return fails(KIND_EVENTFD) ? -1 : __real_eventfd(count, flags);
}

int __wrap_epoll_create1(int flags)
{
	return fails(KIND_EPOLL_CREATE) ? -1 : __real_epoll_create1(flags);
}

int __wrap_epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event)
{
	if (operation == EPOLL_CTL_ADD && fails(KIND_EPOLL_ADD))
		return -1;
	return __real_epoll_ctl(epoll, operation, fd, event);
}

int __wrap_timerfd_create(int clock, int flags)
{
	return fails(KIND_TIMERFD_CREATE) ? -1 : __real_timerfd_create(clock, flags);
}

int __wrap_pipe2(int fds[2], int flags)
{
	return fails(KIND_PIPE) ? -1 : __real_pipe2(fds, flags);
}

static bool lock_fails(int command, uintptr_t argument)
{
	const struct flock *request = (const struct flock *)argument;

	if (command != F_OFD_SETLK && command != F_OFD_GETLK)
		return false;
	return fails(request->l_type == F_UNLCK ? KIND_FCNTL_UNLOCK : KIND_FCNTL_LOCK);
}

int __wrap_fcntl64(int fd, int command, ...)
{
	va_list arguments;
	uintptr_t argument;

	va_start(arguments, command);
	argument = va_arg(arguments, uintptr_t);
	va_end(arguments);
	if (command == F_DUPFD_CLOEXEC && fails(KIND_FCNTL_DUP))
		return -1;
	if (lock_fails(command, argument))
		return -1;
	return __real_fcntl64(fd, command, argument);
}

int __wrap_poll(struct pollfd *entries, nfds_t count, int timeout)
{
	return fails(KIND_POLL) ? -1 : __real_poll(entries, count, timeout);
}

int __wrap_socket(int domain, int type, int protocol)
{
	return fails(KIND_SOCKET) ? -1 : __real_socket(domain, type, protocol);
}

int __wrap_bind(int fd, const struct sockaddr *address, socklen_t length)
{
	return fails(KIND_BIND) ? -1 : __real_bind(fd, address, length);
}

int __wrap_connect(int fd, const struct sockaddr *address, socklen_t length)
{
	return fails(KIND_CONNECT) ? -1 : __real_connect(fd, address, length);
}

int __wrap_accept4(int fd, struct sockaddr *address, socklen_t *length, int flags)
{
	return fails(KIND_ACCEPT) ? -1 : __real_accept4(fd, address, length, flags);
}

ssize_t __wrap_sendmsg(int fd, const struct msghdr *message, int flags)
{
	return fails(KIND_SENDMSG) ? -1 : __real_sendmsg(fd, message, flags);
}

ssize_t __wrap_recvmsg(int fd, struct msghdr *message, int flags)
{
	int error = injected(KIND_RECVMSG);

	/* Descriptors for which there is no number here are left out. */
	if (error == EMFILE)
		message->msg_controllen = 0;
	if (error == 0 || error == EMFILE)
		return __real_recvmsg(fd, message, flags);
	errno = error;
	return -1;
}

ssize_t __wrap_recv(int fd, void *buffer, size_t length, int flags)
{
	return fails(KIND_RECV) ? -1 : __real_recv(fd, buffer, length, flags);
}
