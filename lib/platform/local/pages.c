/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Granted pages of the local platform. Each grant is a memfd of its own, sealed against changes of
 * its size, so that no access to a mapping of it can fail later. A link in grants/ leads to it
 * through the granter's /proc entry; it dies with the granter, whatever is left of it. Reference:
 * run << 16 | page.
 */
#include "platform/local/local.h"

#include "base/error.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define RUN_SHIFT 16
#define RUN_PAGES (1u << RUN_SHIFT)
#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW)

struct grant {
	struct grant *next;
	struct fork_link fork;
	void *address;
	int fd;
	unsigned run, domain;
};

static struct grant **bucket(struct local *local, const void *address)
{
	return &local->grants[(uintptr_t)address / PAGE_BYTES % GRANT_BUCKETS];
}

static void close_in_child(struct fork_link *link)
{
	close_descriptor(&((struct grant *)((char *)link - offsetof(struct grant, fork)))->fd);
}

/* The name of the memfd says whose it is: a link that outlived its granter can lead anywhere. */
static void memory_name(char name[NAME_BYTES], unsigned from, unsigned run, unsigned to)
{
	snprintf(name, NAME_BYTES, "xsock-%u-%u-%u", from, run, to);
}

/* -- granting ------------------------------------------------------------------------------- */

static int link_run(struct local *local, unsigned run, unsigned domain, int fd)
{
	char name[NAME_BYTES], target[64];
	int error = local_mark(local);

	if (error < 0)
		return error;
	local_name(name, local->base.self, run, domain);
	snprintf(target, sizeof target, "/proc/%d/fd/%d", (int)getpid(), fd);
	return symlinkat(target, local->grants_fd, name) ? -errno : 0;
}

/* Makes the memory under a run number that is free; the descriptor is returned. */
static int make_run(struct local *local, unsigned domain, size_t count, unsigned *run)
{
	char name[NAME_BYTES];
	int fd, result = -EEXIST;

	for (int attempt = 0; result == -EEXIST && attempt < 64; attempt++) {
		*run = 1 + local_random() % 0xffff;
		memory_name(name, local->base.self, *run, domain);
		fd = own_descriptor(memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
		if (fd < 0)
			return local_fail(errno, "make memory to grant");
		if (ftruncate(fd, (off_t)(count * PAGE_BYTES)) || fcntl(fd, F_ADD_SEALS, SEALS))
			result = -errno;
		else
			result = link_run(local, *run, domain, fd);
		if (result == 0)
			return fd;
		close_descriptor(&fd);
	}
	if (result == -EEXIST)
		return fail(ENOSPC,
			    "too many grants of domain %u to domain %u are open: 65535 is "
			    "the limit",
			    local->base.self, domain);
	return local_fail(-result, "make memory to grant");
}

static void unlink_run(struct local *local, const struct grant *grant)
{
	char name[NAME_BYTES];

	local_name(name, local->base.self, grant->run, grant->domain);
	unlinkat(local->grants_fd, name, 0);
}

static int map_run(struct local *local, struct grant *grant, size_t count)
{
	grant->address =
		mmap(NULL, count * PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, grant->fd, 0);
	if (grant->address == MAP_FAILED)
		return local_fail(errno, "map memory to grant");
	/* A child that held the pages would keep them, and know the connection's secrets. */
	madvise(grant->address, count * PAGE_BYTES, MADV_DONTFORK);
	pthread_mutex_lock(&local->mutex);
	grant->next = *bucket(local, grant->address);
	*bucket(local, grant->address) = grant;
	pthread_mutex_unlock(&local->mutex);
	fork_watch(&grant->fork, close_in_child);
	return 0;
}

int local_grant(struct platform *platform, unsigned domain, size_t count, uint32_t *references,
		void **address)
{
	struct local *local = local_of(platform);
	int result = local_check_peer(domain);
	struct grant *grant;

	if (result < 0)
		return result;
	if (count == 0 || count > RUN_PAGES)
		return fail(EINVAL, "%zu pages in one grant; 1 to %u can be", count, RUN_PAGES);
	grant = calloc(1, sizeof *grant);
	if (!grant)
		return fail(ENOMEM, "no memory for a grant's record");
	grant->domain = domain;
	result = grant->fd = make_run(local, domain, count, &grant->run);
	if (result >= 0) {
		result = map_run(local, grant, count);
		if (result < 0) {
			unlink_run(local, grant);
			close_descriptor(&grant->fd);
		}
	}
	if (result < 0) {
		free(grant);
		return result;
	}
	for (size_t i = 0; i < count; i++)
		references[i] = (uint32_t)(grant->run << RUN_SHIFT | i);
	*address = grant->address;
	return 0;
}

/* Deaths show on the channel's connection here; the byte is left alone. */
int local_grant_control(struct platform *platform, unsigned domain, size_t offset,
			struct channel *channel, uint32_t *reference, void **address)
{
	(void)offset;
	(void)channel;
	return local_grant(platform, domain, 1, reference, address);
}

static struct grant *take_record(struct local *local, const void *address)
{
	struct grant *grant = NULL;

	pthread_mutex_lock(&local->mutex);
	for (struct grant **slot = bucket(local, address); *slot; slot = &(*slot)->next) {
		if ((*slot)->address != address)
			continue;
		grant = *slot;
		*slot = grant->next;
		break;
	}
	pthread_mutex_unlock(&local->mutex);
	return grant;
}

void local_ungrant(struct platform *platform, void *address, size_t count)
{
	struct local *local = local_of(platform);
	struct grant *grant = take_record(local, address);

	if (!grant)
		return;
	fork_unwatch(&grant->fork);
	unlink_run(local, grant);
	munmap(address, count * PAGE_BYTES);
	close_descriptor(&grant->fd);
	free(grant);
}

void pages_abandon(struct local *local)
{
	for (unsigned i = 0; i < GRANT_BUCKETS; i++) {
		while (local->grants[i]) {
			struct grant *grant = local->grants[i];

			local->grants[i] = grant->next;
			fork_unwatch(&grant->fork);
			close_descriptor(&grant->fd);
			free(grant);
		}
	}
}

/* -- mapping -------------------------------------------------------------------------------- */

static int bad_reference(unsigned domain, uint32_t reference)
{
	return fail(EINVAL, "domain %u has granted nothing to this domain under reference %u",
		    domain, reference);
}

/* Is this what a granter of that name made, and has it `pages` pages for good? */
static bool is_run(int fd, const char *expected, size_t pages)
{
	char link[32], path[128], wanted[NAME_BYTES + 32];
	ssize_t length;
	struct stat status;
	int seals = fcntl(fd, F_GET_SEALS);

	if (seals < 0 || (seals & SEALS) != SEALS || fstat(fd, &status))
		return false;
	/* Huge pages have larger blocks; they can run out at the first touch. */
	if (status.st_size < (off_t)(pages * PAGE_BYTES) || status.st_blksize != PAGE_BYTES)
		return false;
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	length = readlink(link, path, sizeof path - 1);
	if (length < 0)
		return false;
	path[length] = '\0';
	snprintf(wanted, sizeof wanted, "/memfd:%s (deleted)", expected);
	return !strcmp(path, wanted);
}

static int open_run(struct local *local, unsigned domain, uint32_t reference, size_t pages,
		    bool writable)
{
	unsigned run = reference >> RUN_SHIFT;
	char name[NAME_BYTES], memory[NAME_BYTES];
	int fd;

	local_name(name, domain, run, local->base.self);
	memory_name(memory, domain, run, local->base.self);
	fd = own_descriptor(
		openat(local->grants_fd, name,
		       (writable ? O_RDWR : O_RDONLY) | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
	if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM))
		return local_fail(errno, "open granted memory");
	if (fd < 0)
		return bad_reference(domain, reference);
	if (!is_run(fd, memory, pages)) {
		close_descriptor(&fd);
		return bad_reference(domain, reference);
	}
	return fd;
}

/* Maps the references' first ascending stretch of one run at `address`; its length is returned. */
static ssize_t map_stretch(struct local *local, unsigned domain, const uint32_t *references,
			   size_t count, bool writable, void *address)
{
	size_t length = 1, page = references[0] % RUN_PAGES;
	int fd;
	void *mapped;

	while (length < count && references[length] == references[length - 1] + 1 &&
	       references[length] % RUN_PAGES)
		length++;
	fd = open_run(local, domain, references[0], page + length, writable);
	if (fd < 0)
		return fd;
	mapped = mmap(address, length * PAGE_BYTES, PROT_READ | (writable ? PROT_WRITE : 0),
		      MAP_SHARED | MAP_FIXED, fd, (off_t)(page * PAGE_BYTES));
	if (mapped == MAP_FAILED) {
		int result = local_fail(errno, "map granted memory");

		close_descriptor(&fd);
		return result;
	}
	close_descriptor(&fd);
	return (ssize_t)length;
}

int local_map(struct platform *platform, unsigned domain, const uint32_t *references, size_t count,
	      bool writable, void **address)
{
	int result = local_check_peer(domain);
	ssize_t length = 0;
	char *base;

	if (result < 0)
		return result;
	if (count == 0 || count > RUN_PAGES)
		return fail(EINVAL, "%zu pages in one mapping; 1 to %u can be", count, RUN_PAGES);
	/* The range is reserved first: the pieces must lie side by side. */
	base = mmap(NULL, count * PAGE_BYTES, PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (base == MAP_FAILED)
		return local_fail(errno, "reserve addresses for granted memory");
	for (size_t done = 0; done < count; done += (size_t)length) {
		length = map_stretch(local_of(platform), domain, references + done, count - done,
				     writable, base + done * PAGE_BYTES);
		if (length < 0) {
			munmap(base, count * PAGE_BYTES);
			return (int)length;
		}
	}
	madvise(base, count * PAGE_BYTES, MADV_DONTFORK);
	*address = base;
	return 0;
}

int local_map_control(struct platform *platform, unsigned domain, uint32_t reference, size_t offset,
		      struct channel *channel, void **address)
{
	(void)offset;
	(void)channel;
	return local_map(platform, domain, &reference, 1, true, address);
}

void local_unmap(struct platform *platform, void *address, size_t count)
{
	(void)platform;
	munmap(address, count * PAGE_BYTES);
}
