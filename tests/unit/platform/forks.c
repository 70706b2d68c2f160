/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Another thread forks at the very moment in which the local platform has got a descriptor, or is
 * about to close one: the child has none of those that keep the memory, or that would hide its
 * parent's death from the peer. */
#include "platform/platform.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fork.h"
#include "base/owned.h"
#include "conn/presence.h"

#include "../unit.h"

/* ms that a fork gets, which may have to wait until the descriptor is where a child closes it. */
#define MOMENT 30

enum moment { NEVER, AT_SOCKET, AT_ACCEPT, AT_MEMORY, AT_OPEN, AT_MAPPING, AT_CLOSE };

static char directory[] = "/tmp/xsock-forks-XXXXXX";
static enum moment armed;
static pthread_t forker;
static sem_t forked;
static pid_t child;

/* ------------------------------------------------------------------ the child */

static bool is_held(const char *number)
{
	char path[300], link[64];
	ssize_t length;

	snprintf(path, sizeof path, "/proc/self/fd/%s", number);
	length = readlink(path, link, sizeof link - 1);
	link[length > 0 ? length : 0] = '\0';
	return strncmp(link, "socket:", 7) == 0 || strstr(link, "memfd:xsock") != NULL ||
	       strstr(link, "/domain-") != NULL;
}

static int mappings_held(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[512];
	int held = maps != NULL ? 0 : 100;

	while (maps != NULL && fgets(line, sizeof line, maps) != NULL)
		held += strstr(line, "memfd:xsock") != NULL;
	return held;
}

static _Noreturn void count_held(void)
{
	DIR *list = opendir("/proc/self/fd");
	struct dirent *entry;
	int held = mappings_held();

	while (list != NULL && (entry = readdir(list)) != NULL)
		held += is_held(entry->d_name);
	_exit(list != NULL ? held : 100);
}

static void *fork_once(void *argument)
{
	(void)argument;
	child = fork();
	if (child == 0)
		count_held();
	sem_post(&forked);
	return NULL;
}

/* ------------------------------------------------------------------ the moment */

static void fork_at(enum moment moment)
{
	struct timespec until;

	if (armed != moment)
		return;
	armed = NEVER;
	sem_init(&forked, 0, 0);
	pthread_create(&forker, NULL, fork_once, NULL);
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += MOMENT * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	sem_timedwait(&forked, &until);
}

/* What that child found. */
static int held_by_child(void)
{
	int status = -1;

	assert_int_equal(armed, NEVER);
	assert_int_equal(pthread_join(forker, NULL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

int socket(int domain, int type, int protocol)
{
	int fd = (int)syscall(SYS_socket, domain, type, protocol);

	fork_at(AT_SOCKET);
	return fd;
}

int accept4(int listener, struct sockaddr *address, socklen_t *length, int flags)
{
	int fd = (int)syscall(SYS_accept4, listener, address, length, flags);

	fork_at(AT_ACCEPT);
	return fd;
}

int memfd_create(const char *name, unsigned flags)
{
	int fd = (int)syscall(SYS_memfd_create, name, flags);

	fork_at(AT_MEMORY);
	return fd;
}

int open(const char *path, int flags, ...)
{
	int fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags, 0);

	fork_at(AT_OPEN);
	return fd;
}

/* The memory's descriptor, if it is not the granter's own, is there only at this moment. */
void *mmap(void *address, size_t size, int protection, int flags, int fd, off_t offset)
{
	void *mapped = (void *)syscall(SYS_mmap, address, size, protection, flags, fd, offset);

	if (fd >= 0)
		fork_at(AT_MAPPING);
	return mapped;
}

int close(int fd)
{
	fork_at(AT_CLOSE);
	return (int)syscall(SYS_close, fd);
}

/* ------------------------------------------------------------------ tests */

static struct platform *platform;
static const struct platform_ops *ops;

static int set_up(void **state)
{
	(void)state;
	if (mkdtemp(directory) == NULL || setenv("XSOCK_LOCAL_DIR", directory, 1) != 0 ||
	    presence_enter("local", &platform) != 0)
		return -1;
	ops = platform->ops;
	return 0;
}

static int tear_down(void **state)
{
	char command[80];

	(void)state;
	presence_leave(platform);
	snprintf(command, sizeof command, "rm -r %s", directory);
	return system(command) != 0;
}

static void channels(void **state)
{
	struct channel *offered, *bound;
	uint32_t port;

	(void)state;
	armed = AT_SOCKET;
	assert_int_equal(ops->channel_offer(platform, platform->self, &port, &offered), 0);
	assert_int_equal(held_by_child(), 0);
	armed = AT_SOCKET;
	assert_int_equal(ops->channel_bind(platform, platform->self, port, &bound), 0);
	assert_int_equal(held_by_child(), 0);
	armed = AT_ACCEPT;
	assert_int_equal(ops->channel_drain(offered), 1);
	assert_int_equal(held_by_child(), 0);
	armed = AT_CLOSE;
	ops->channel_close(bound);
	assert_int_equal(held_by_child(), 0);
	ops->channel_close(offered);
}

static void memory(void **state)
{
	uint32_t reference;
	void *page, *mapped;

	(void)state;
	armed = AT_MEMORY;
	assert_int_equal(ops->grant(platform, platform->self, 1, &reference, &page), 0);
	assert_int_equal(held_by_child(), 0);
	armed = AT_MAPPING;
	assert_int_equal(ops->map(platform, platform->self, &reference, 1, true, &mapped), 0);
	assert_int_equal(held_by_child(), 0);
	ops->unmap(platform, mapped, 1);
	armed = AT_MAPPING;
	assert_int_equal(ops->map_control(platform, platform->self, reference, 0, NULL, &mapped),
			 0);
	assert_int_equal(held_by_child(), 0);
	ops->unmap(platform, mapped, 1);
	armed = AT_CLOSE;
	ops->ungrant(platform, page, 1);
	assert_int_equal(held_by_child(), 0);
}

static int name = -1;

static void close_name(struct fork_link *link)
{
	(void)link;
	close_descriptor(&name);
}

static void names(void **state)
{
	struct fork_link link;

	(void)state;
	fork_watch(&link, close_name);
	armed = AT_OPEN;
	assert_int_equal(presence_take_name(platform, "forks", &name), 0);
	assert_int_equal(held_by_child(), 0);
	presence_drop_name("forks", &name);
	fork_unwatch(&link);
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(channels), TEST(memory), TEST(names) };

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
