/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The linker's names: what is called by name NAME goes to __wrap_NAME, __real_NAME is the original.
 * meson.build lists them for it. */
#ifndef TESTS_FAULTS_WRAPS_H
#define TESTS_FAULTS_WRAPS_H

#include <dirent.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>

void *__wrap_malloc(size_t size);
void *__real_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__real_realloc(void *old, size_t size);
char *__wrap_strdup(const char *text);
char *__real_strdup(const char *text);
void __wrap_free(void *block);
void __real_free(void *block);

int __wrap_open64(const char *path, int flags, ...);
int __real_open64(const char *path, int flags, ...);
int __wrap_openat64(int at, const char *path, int flags, ...);
int __real_openat64(int at, const char *path, int flags, ...);
int __wrap_close(int fd);
int __real_close(int fd);
int __wrap_memfd_create(const char *name, unsigned flags);
int __real_memfd_create(const char *name, unsigned flags);
int __wrap_eventfd(unsigned count, int flags);
int __real_eventfd(unsigned count, int flags);
int __wrap_epoll_create1(int flags);
int __real_epoll_create1(int flags);
int __wrap_epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event);
int __real_epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event);
int __wrap_timerfd_create(int clock, int flags);
int __real_timerfd_create(int clock, int flags);
int __wrap_pipe2(int fds[2], int flags);
int __real_pipe2(int fds[2], int flags);
int __wrap_fcntl64(int fd, int command, ...);
int __real_fcntl64(int fd, int command, ...);
int __wrap_poll(struct pollfd *entries, nfds_t count, int timeout);
int __real_poll(struct pollfd *entries, nfds_t count, int timeout);

int __wrap_socket(int domain, int type, int protocol);
int __real_socket(int domain, int type, int protocol);
int __wrap_bind(int fd, const struct sockaddr *address, socklen_t length);
int __real_bind(int fd, const struct sockaddr *address, socklen_t length);
int __wrap_connect(int fd, const struct sockaddr *address, socklen_t length);
int __real_connect(int fd, const struct sockaddr *address, socklen_t length);
int __wrap_accept4(int fd, struct sockaddr *address, socklen_t *length, int flags);
int __real_accept4(int fd, struct sockaddr *address, socklen_t *length, int flags);
ssize_t __wrap_sendmsg(int fd, const struct msghdr *message, int flags);
ssize_t __real_sendmsg(int fd, const struct msghdr *message, int flags);
ssize_t __wrap_recvmsg(int fd, struct msghdr *message, int flags);
ssize_t __real_recvmsg(int fd, struct msghdr *message, int flags);
ssize_t __wrap_recv(int fd, void *buffer, size_t length, int flags);
ssize_t __real_recv(int fd, void *buffer, size_t length, int flags);

int __wrap_ftruncate64(int fd, off_t length);
int __real_ftruncate64(int fd, off_t length);
int __wrap_fstat64(int fd, struct stat *status);
int __real_fstat64(int fd, struct stat *status);
int __wrap_stat64(const char *path, struct stat *status);
int __real_stat64(const char *path, struct stat *status);
ssize_t __wrap_pread64(int fd, void *buffer, size_t length, off_t offset);
ssize_t __real_pread64(int fd, void *buffer, size_t length, off_t offset);
ssize_t __wrap_pwrite64(int fd, const void *buffer, size_t length, off_t offset);
ssize_t __real_pwrite64(int fd, const void *buffer, size_t length, off_t offset);
ssize_t __wrap_read(int fd, void *buffer, size_t length);
ssize_t __real_read(int fd, void *buffer, size_t length);
int __wrap_unlinkat(int at, const char *path, int flags);
int __real_unlinkat(int at, const char *path, int flags);
int __wrap_mkdirat(int at, const char *path, mode_t mode);
int __real_mkdirat(int at, const char *path, mode_t mode);
int __wrap_symlinkat(const char *target, int at, const char *path);
int __real_symlinkat(const char *target, int at, const char *path);
ssize_t __wrap_readlink(const char *path, char *target, size_t size);
ssize_t __real_readlink(const char *path, char *target, size_t size);
DIR *__wrap_fdopendir(int fd);
DIR *__real_fdopendir(int fd);
void *__wrap_mmap64(void *address, size_t size, int protection, int flags, int fd, off_t offset);
void *__real_mmap64(void *address, size_t size, int protection, int flags, int fd, off_t offset);
int __wrap_mprotect(void *address, size_t size, int protection);
int __real_mprotect(void *address, size_t size, int protection);
int __wrap_madvise(void *address, size_t size, int advice);
int __real_madvise(void *address, size_t size, int advice);
ssize_t __wrap_getrandom(void *buffer, size_t length, unsigned flags);
ssize_t __real_getrandom(void *buffer, size_t length, unsigned flags);

void __wrap__exit(int status) __attribute__((noreturn));
void __real__exit(int status) __attribute__((noreturn));

int64_t __wrap_now_us(void);
int64_t __real_now_us(void);

#endif
