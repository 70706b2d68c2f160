/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * In place of the thread sanitizer's own. It follows descriptors, but knows nothing of F_DUPFD and
 * of what is closed past it: so it takes a number's second life for a race with its first.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "preload/real.h"

WITHOUT_SANITIZERS int close(int fd)
{
	real_ready();
	return real.close(fd);
}

/* With _FILE_OFFSET_BITS=64 it is open64. */
WITHOUT_SANITIZERS int open(const char *path, int flags, ...)
{
	va_list list;
	int mode;

	real_ready();
	va_start(list, flags);
	mode = va_arg(list, int);
	va_end(list);
	return real.open(path, flags, mode);
}

WITHOUT_SANITIZERS int eventfd(unsigned count, int flags)
{
	real_ready();
	return real.eventfd(count, flags);
}

WITHOUT_SANITIZERS int epoll_create1(int flags)
{
	real_ready();
	return real.epoll_create1(flags);
}

WITHOUT_SANITIZERS int pipe2(int fds[2], int flags)
{
	real_ready();
	return (int)real.syscall(SYS_pipe2, fds, flags);
}

WITHOUT_SANITIZERS int socket(int domain, int type, int protocol)
{
	real_ready();
	return real.socket(domain, type, protocol);
}

WITHOUT_SANITIZERS int accept4(int fd, struct sockaddr *restrict address,
			       socklen_t *restrict length, int flags)
{
	real_ready();
	return real.accept4(fd, address, length, flags);
}

WITHOUT_SANITIZERS ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
	real_ready();
	return real.recvmsg(fd, message, flags);
}
