/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The C library's own functions, behind those of the same names that this library puts before them.
 */
#ifndef XSOCK_PRELOAD_REAL_H
#define XSOCK_PRELOAD_REAL_H

#include <aio.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>

/* One line a function: result, name, parameters. Only what every C library has: to look for one in
 * vain allocates memory, and jemalloc's start may be where they are looked for. */
#define REAL_CALLS(CALL)                                                                           \
	CALL(int, socket, (int, int, int))                                                         \
	CALL(int, socketpair, (int, int, int, int *))                                              \
	CALL(int, open, (const char *, int, ...))                                                  \
	CALL(int, eventfd, (unsigned, int))                                                        \
	CALL(int, accept, (int, struct sockaddr *, socklen_t *))                                   \
	CALL(int, accept4, (int, struct sockaddr *, socklen_t *, int))                             \
	CALL(int, bind, (int, const struct sockaddr *, socklen_t))                                 \
	CALL(int, connect, (int, const struct sockaddr *, socklen_t))                              \
	CALL(int, listen, (int, int))                                                              \
	CALL(int, shutdown, (int, int))                                                            \
	CALL(int, getsockname, (int, struct sockaddr *, socklen_t *))                              \
	CALL(int, getpeername, (int, struct sockaddr *, socklen_t *))                              \
	CALL(int, getsockopt, (int, int, int, void *, socklen_t *))                                \
	CALL(int, setsockopt, (int, int, int, const void *, socklen_t))                            \
	CALL(int, close, (int))                                                                    \
	CALL(int, close_range, (unsigned, unsigned, int))                                          \
	CALL(void, closefrom, (int))                                                               \
	CALL(int, dup, (int))                                                                      \
	CALL(int, dup2, (int, int))                                                                \
	CALL(int, dup3, (int, int, int))                                                           \
	CALL(int, fcntl, (int, int, ...))                                                          \
	CALL(int, ioctl, (int, unsigned long, ...))                                                \
	CALL(ssize_t, read, (int, void *, size_t))                                                 \
	CALL(ssize_t, readv, (int, const struct iovec *, int))                                     \
	CALL(ssize_t, preadv2, (int, const struct iovec *, int, off_t, int))                       \
	CALL(ssize_t, recv, (int, void *, size_t, int))                                            \
	CALL(ssize_t, recvfrom, (int, void *, size_t, int, struct sockaddr *, socklen_t *))        \
	CALL(ssize_t, recvmsg, (int, struct msghdr *, int))                                        \
	CALL(int, recvmmsg, (int, struct mmsghdr *, unsigned, int, struct timespec *))             \
	CALL(ssize_t, write, (int, const void *, size_t))                                          \
	CALL(ssize_t, writev, (int, const struct iovec *, int))                                    \
	CALL(ssize_t, pwritev2, (int, const struct iovec *, int, off_t, int))                      \
	CALL(ssize_t, send, (int, const void *, size_t, int))                                      \
	CALL(ssize_t, sendto,                                                                      \
	     (int, const void *, size_t, int, const struct sockaddr *, socklen_t))                 \
	CALL(ssize_t, sendmsg, (int, const struct msghdr *, int))                                  \
	CALL(int, sendmmsg, (int, struct mmsghdr *, unsigned, int))                                \
	CALL(ssize_t, sendfile, (int, int, off_t *, size_t))                                       \
	CALL(ssize_t, splice, (int, off_t *, int, off_t *, size_t, unsigned))                      \
	CALL(int, poll, (struct pollfd *, nfds_t, int))                                            \
	CALL(int, ppoll, (struct pollfd *, nfds_t, const struct timespec *, const sigset_t *))     \
	CALL(int, select, (int, fd_set *, fd_set *, fd_set *, struct timeval *))                   \
	CALL(int, pselect,                                                                         \
	     (int, fd_set *, fd_set *, fd_set *, const struct timespec *, const sigset_t *))       \
	CALL(int, epoll_create1, (int))                                                            \
	CALL(int, epoll_ctl, (int, int, int, struct epoll_event *))                                \
	CALL(int, epoll_wait, (int, struct epoll_event *, int, int))                               \
	CALL(int, epoll_pwait, (int, struct epoll_event *, int, int, const sigset_t *))            \
	CALL(int, epoll_pwait2,                                                                    \
	     (int, struct epoll_event *, int, const struct timespec *, const sigset_t *))          \
	CALL(FILE *, fdopen, (int, const char *))                                                  \
	CALL(int, vdprintf, (int, const char *, va_list))                                          \
	CALL(int, __vdprintf_chk, (int, int, const char *, va_list))                               \
	CALL(int, aio_read, (struct aiocb *))                                                      \
	CALL(int, aio_write, (struct aiocb *))                                                     \
	CALL(int, lio_listio, (int, struct aiocb *const *, int, struct sigevent *))                \
	CALL(int, aio_read64, (struct aiocb64 *))                                                  \
	CALL(int, aio_write64, (struct aiocb64 *))                                                 \
	CALL(int, lio_listio64, (int, struct aiocb64 *const *, int, struct sigevent *))            \
	CALL(pid_t, fork, (void))                                                                  \
	CALL(pid_t, _Fork, (void))                                                                 \
	CALL(int, execve, (const char *, char *const[], char *const[]))                            \
	CALL(int, execvpe, (const char *, char *const[], char *const[]))                           \
	CALL(int, fexecve, (int, char *const[], char *const[]))                                    \
	CALL(int, execveat, (int, const char *, char *const[], char *const[], int))                \
	CALL(int, posix_spawn,                                                                     \
	     (pid_t *, const char *, const posix_spawn_file_actions_t *,                           \
	      const posix_spawnattr_t *, char *const[], char *const[]))                            \
	CALL(int, posix_spawnp,                                                                    \
	     (pid_t *, const char *, const posix_spawn_file_actions_t *,                           \
	      const posix_spawnattr_t *, char *const[], char *const[]))                            \
	CALL(int, posix_spawn_file_actions_adddup2, (posix_spawn_file_actions_t *, int, int))      \
	CALL(int, system, (const char *))                                                          \
	CALL(FILE *, popen, (const char *, const char *))                                          \
	CALL(void, _exit, (int))                                                                   \
	CALL(int, setrlimit, (int, const struct rlimit *))                                         \
	CALL(int, prlimit, (pid_t, int, const struct rlimit *, struct rlimit *))                   \
	CALL(int, prctl, (int, ...))                                                               \
	CALL(long, syscall, (long, ...))                                                           \
	CALL(int, sigaction, (int, const struct sigaction *, struct sigaction *))

/* NOLINTNEXTLINE(bugprone-macro-parentheses): a type and a name to be declared */
#define REAL_MEMBER(result, name, parameters) result(*name) parameters;

struct real_calls {
	REAL_CALLS(REAL_MEMBER)
};

extern struct real_calls real __attribute__((visibility("hidden")));

/* A sanitizer's own start makes calls, when it has no shadow memory yet. */
#if defined(__clang__)
#define WITHOUT_SANITIZERS __attribute__((disable_sanitizer_instrumentation))
#else
#define WITHOUT_SANITIZERS __attribute__((no_sanitize("address", "undefined")))
#endif

/* Looks them all up: dlsym may allocate, so not at the time of a call. May be called again. */
WITHOUT_SANITIZERS void real_resolve(void);

/* For calls that the constructors of other libraries make before this one's runs. */
static inline void real_ready(void)
{
	if (real.syscall == NULL)
		real_resolve();
}

#endif
