/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Loaded behind libxsock-preload and in front of the C library: counts the calls that
 * libxsock-preload and libxsock make themselves, and lets the n-th of one kind fail. What a program
 * calls, and the library only passes on, is not counted: it goes on by a jump, from where the
 * program called.
 *
 *      FAULT_PAGE  a file of a struct page, shared with who looks on and with forked children
 *      FAULT_PLAN  "KIND N ERRNO STAYS": which call fails; STAYS 1: those after it, too
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* In the order of `run`'s table. */
enum kind {
	MALLOC,
	CALLOC,
	REALLOC,
	STRDUP,
	MMAP,
	OPEN,
	OPENDIR,
	EVENTFD,
	EPOLL_CREATE,
	EPOLL_ADD,
	SOCKETPAIR,
	SOCKET,
	PIPE,
	MEMFD,
	FTRUNCATE,
	PWRITE,
	DUPLICATE,
	REPLACE,
	THREAD,
	KINDS
};

struct page {
	_Atomic uint32_t calls[KINDS];
	_Atomic uint32_t fired;
	_Atomic uint32_t
		library;         /* of the call that failed first: 1 libxsock-preload, 2 libxsock */
	_Atomic uint32_t places; /* in epoll sets that were given back */
	_Atomic uint64_t offset; /* in it, where the call returns to */
};

static struct page *page;
static unsigned plan_kind = KINDS, plan_n, plan_stays;
static int plan_error;

/* ------------------------------------------------------------------ who calls */

static struct library {
	const char *name;
	uintptr_t base, start, end;
} libraries[] = { { .name = "/libxsock-preload.so" }, { .name = "/libxsock.so" } };

static int note_library(struct dl_phdr_info *info, size_t size, void *nothing)
{
	(void)size;
	(void)nothing;
	for (size_t at = 0; at < 2; at++) {
		struct library *library = &libraries[at];

		if (strstr(info->dlpi_name, library->name) == NULL)
			continue;
		for (int part = 0; part < info->dlpi_phnum; part++)
			if ((info->dlpi_phdr[part].p_flags & PF_X) != 0) {
				library->base = info->dlpi_addr;
				library->start = info->dlpi_addr + info->dlpi_phdr[part].p_vaddr;
				library->end = library->start + info->dlpi_phdr[part].p_memsz;
			}
	}
	return 0;
}

/* 1 and 2 as in struct page, 0 somebody else. */
static unsigned library_of(uintptr_t address)
{
	/* The second one is loaded by the first. */
	if (libraries[1].end == 0)
		dl_iterate_phdr(note_library, NULL);
	for (unsigned at = 0; at < 2; at++)
		if (address >= libraries[at].start && address < libraries[at].end)
			return at + 1;
	return 0;
}

static bool fails(enum kind kind, void *caller)
{
	unsigned library, n;

	if (page == NULL)
		return false;
	library = library_of((uintptr_t)caller);
	if (library == 0)
		return false;
	n = atomic_fetch_add(&page->calls[kind], 1) + 1;
	if (kind != plan_kind || n < plan_n || (n > plan_n && !plan_stays))
		return false;
	if (atomic_fetch_add(&page->fired, 1) == 0) {
		page->library = library;
		page->offset = (uintptr_t)caller - libraries[library - 1].base;
	}
	errno = plan_error;
	return true;
}

#define CALLER __builtin_return_address(0)

__attribute__((constructor)) static void start(void)
{
	const char *path = getenv("FAULT_PAGE"), *plan = getenv("FAULT_PLAN");
	int fd = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
	void *memory;

	if (fd < 0)
		return;
	memory = mmap(NULL, sizeof *page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (plan != NULL &&
	    sscanf(plan, "%u %u %d %u", &plan_kind, &plan_n, &plan_error, &plan_stays) != 4)
		abort();
	page = memory == MAP_FAILED ? NULL : memory;
}

/* ------------------------------------------------------------------ memory */

/* glibc's own names for those that dlsym itself calls. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);

static void *next(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

void *malloc(size_t size)
{
	return fails(MALLOC, CALLER) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return fails(CALLOC, CALLER) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *block, size_t size)
{
	return fails(REALLOC, CALLER) ? NULL : __libc_realloc(block, size);
}

char *strdup(const char *text)
{
	char *copy = fails(STRDUP, CALLER) ? NULL : __libc_malloc(strlen(text) + 1);

	return copy == NULL ? NULL : strcpy(copy, text);
}

void *mmap(void *address, size_t size, int protection, int flags, int fd, off_t offset)
{
	void *(*call)(void *, size_t, int, int, int, off_t) = next("mmap");

	return fails(MMAP, CALLER) ? MAP_FAILED
				   : call(address, size, protection, flags, fd, offset);
}

void *mmap64(void *address, size_t size, int protection, int flags, int fd, off64_t offset)
{
	void *(*call)(void *, size_t, int, int, int, off64_t) = next("mmap64");

	return fails(MMAP, CALLER) ? MAP_FAILED
				   : call(address, size, protection, flags, fd, offset);
}

/* ------------------------------------------------------------------ descriptors */

static int mode_of(int flags, va_list list)
{
	return (flags & (O_CREAT | __O_TMPFILE)) != 0 ? va_arg(list, int) : 0;
}

int open(const char *path, int flags, ...)
{
	int (*call)(const char *, int, ...) = next("open");
	va_list list;
	int mode;

	va_start(list, flags);
	mode = mode_of(flags, list);
	va_end(list);
	return fails(OPEN, CALLER) ? -1 : call(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
	int (*call)(const char *, int, ...) = next("open64");
	va_list list;
	int mode;

	va_start(list, flags);
	mode = mode_of(flags, list);
	va_end(list);
	return fails(OPEN, CALLER) ? -1 : call(path, flags, mode);
}

int openat64(int at, const char *path, int flags, ...)
{
	int (*call)(int, const char *, int, ...) = next("openat64");
	va_list list;
	int mode;

	va_start(list, flags);
	mode = mode_of(flags, list);
	va_end(list);
	return fails(OPEN, CALLER) ? -1 : call(at, path, flags, mode);
}

DIR *opendir(const char *path)
{
	DIR *(*call)(const char *) = next("opendir");

	return fails(OPENDIR, CALLER) ? NULL : call(path);
}

int eventfd(unsigned count, int flags)
{
	int (*call)(unsigned, int) = next("eventfd");

	return fails(EVENTFD, CALLER) ? -1 : call(count, flags);
}

int epoll_create1(int flags)
{
	int (*call)(int) = next("epoll_create1");

	return fails(EPOLL_CREATE, CALLER) ? -1 : call(flags);
}

/* A limit of all that are watched lets in as many as went out before. */
static bool epoll_takes_place(void)
{
	uint32_t places = page == NULL ? 0 : atomic_load(&page->places);

	while (places > 0)
		if (atomic_compare_exchange_weak(&page->places, &places, places - 1))
			return true;
	return false;
}

static void epoll_gives_back(void)
{
	if (page != NULL)
		atomic_fetch_add(&page->places, 1);
}

static bool epoll_add_fails(void *caller)
{
	bool place = epoll_takes_place();

	return fails(EPOLL_ADD, caller) && !(place && plan_stays);
}

int epoll_ctl(int set, int operation, int fd, struct epoll_event *event)
{
	int (*call)(int, int, int, struct epoll_event *) = next("epoll_ctl");

	int result;

	if (operation == EPOLL_CTL_ADD && epoll_add_fails(CALLER))
		return -1;
	result = call(set, operation, fd, event);
	if (operation == EPOLL_CTL_DEL && result == 0)
		epoll_gives_back();
	return result;
}

int socketpair(int domain, int type, int protocol, int fds[2])
{
	int (*call)(int, int, int, int[2]) = next("socketpair");

	return fails(SOCKETPAIR, CALLER) ? -1 : call(domain, type, protocol, fds);
}

/* Those of TCP are the program's. */
int socket(int domain, int type, int protocol)
{
	int (*call)(int, int, int) = next("socket");

	return domain == AF_UNIX && fails(SOCKET, CALLER) ? -1 : call(domain, type, protocol);
}

int pipe2(int fds[2], int flags)
{
	int (*call)(int[2], int) = next("pipe2");

	return fails(PIPE, CALLER) ? -1 : call(fds, flags);
}

int memfd_create(const char *name, unsigned flags)
{
	int (*call)(const char *, unsigned) = next("memfd_create");

	return fails(MEMFD, CALLER) ? -1 : call(name, flags);
}

int ftruncate64(int fd, off64_t length)
{
	int (*call)(int, off64_t) = next("ftruncate64");

	return fails(FTRUNCATE, CALLER) ? -1 : call(fd, length);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset)
{
	ssize_t (*call)(int, const void *, size_t, off64_t) = next("pwrite64");

	return fails(PWRITE, CALLER) ? -1 : call(fd, bytes, length, offset);
}

static int duplicate(int fd, int command, void *argument, void *caller)
{
	int (*call)(int, int, ...) = next("fcntl64");
	bool copies = command == F_DUPFD || command == F_DUPFD_CLOEXEC;

	return copies && fails(DUPLICATE, caller) ? -1 : call(fd, command, argument);
}

int fcntl(int fd, int command, ...)
{
	va_list list;
	void *argument;

	va_start(list, command);
	argument = va_arg(list, void *);
	va_end(list);
	return duplicate(fd, command, argument, CALLER);
}

int fcntl64(int fd, int command, ...)
{
	va_list list;
	void *argument;

	va_start(list, command);
	argument = va_arg(list, void *);
	va_end(list);
	return duplicate(fd, command, argument, CALLER);
}

int dup3(int fd, int number, int flags)
{
	int (*call)(int, int, int) = next("dup3");

	return fails(REPLACE, CALLER) ? -1 : call(fd, number, flags);
}

/* ------------------------------------------------------------------ threads */

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
		   void *argument)
{
	int (*call)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *) =
		next("pthread_create");

	return fails(THREAD, CALLER) ? plan_error : call(thread, attributes, run, argument);
}
