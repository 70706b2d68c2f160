/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* System calls on files, directories and memory. */
#include "inject.h"
#include "wraps.h"

#include <sys/mman.h>

int __wrap_ftruncate64(int fd, off_t length)
{
	return fails(KIND_FTRUNCATE) ? -1 : __real_ftruncate64(fd, length);
}

int __wrap_fstat64(int fd, struct stat *status)
{
	return fails(KIND_FSTAT) ? -1 : __real_fstat64(fd, status);
}

int __wrap_stat64(const char *path, struct stat *status)
{
	return fails(KIND_STAT) ? -1 : __real_stat64(path, status);
}

ssize_t __wrap_pread64(int fd, void *buffer, size_t length, off_t offset)
{
	return fails(KIND_PREAD) ? -1 : __real_pread64(fd, buffer, length, offset);
}

ssize_t __wrap_pwrite64(int fd, const void *buffer, size_t length, off_t offset)
{
	struct stat status;
	bool within = inside.depth > 0 && __real_fstat64(fd, &status) == 0 &&
		      offset + (off_t)length <= status.st_size;

	if (fails(within ? KIND_PWRITE_OVER : KIND_PWRITE))
		return -1;
	return __real_pwrite64(fd, buffer, length, offset);
}

/* Files only: eventfds and pipes are read without waiting, see kinds.c. */
ssize_t __wrap_read(int fd, void *buffer, size_t length)
{
	struct stat status;

	if (inside.depth > 0 && __real_fstat64(fd, &status) == 0 && S_ISREG(status.st_mode) &&
	    fails(KIND_READ))
		return -1;
	return __real_read(fd, buffer, length);
}

int __wrap_unlinkat(int at, const char *path, int flags)
{
	return fails(KIND_UNLINKAT) ? -1 : __real_unlinkat(at, path, flags);
}

int __wrap_mkdirat(int at, const char *path, mode_t mode)
{
	return fails(KIND_MKDIRAT) ? -1 : __real_mkdirat(at, path, mode);
}

int __wrap_symlinkat(const char *target, int at, const char *path)
{
	return fails(KIND_SYMLINKAT) ? -1 : __real_symlinkat(target, at, path);
}

ssize_t __wrap_readlink(const char *path, char *target, size_t size)
{
	return fails(KIND_READLINK) ? -1 : __real_readlink(path, target, size);
}

DIR *__wrap_fdopendir(int fd)
{
	return fails(KIND_FDOPENDIR) ? NULL : __real_fdopendir(fd);
}

void *__wrap_mmap64(void *address, size_t size, int protection, int flags, int fd, off_t offset)
{
	if (fails(KIND_MMAP))
		return MAP_FAILED;
	return __real_mmap64(address, size, protection, flags, fd, offset);
}

int __wrap_mprotect(void *address, size_t size, int protection)
{
	return fails(KIND_MPROTECT) ? -1 : __real_mprotect(address, size, protection);
}

int __wrap_madvise(void *address, size_t size, int advice)
{
	return fails(KIND_MADVISE) ? -1 : __real_madvise(address, size, advice);
}

ssize_t __wrap_getrandom(void *buffer, size_t length, unsigned flags)
{
	return fails(KIND_GETRANDOM) ? -1 : __real_getrandom(buffer, length, flags);
}
