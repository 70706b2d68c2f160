/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Granted pages of the local platform: a run of them is a memfd, which may grow but is sealed
 * against shrinking, so that no access to a mapping of it can fail later. A link in grants/ leads
 * to it through the granter's /proc entry; it dies with the granter, whatever is left of it.
 * Reference: run << 16 | page. What a connection shares at its set-up is one run, mapped at once.
 */
#include "platform/local/local.h"

#include "base/error.h"
#include "platform/local/whole.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* Memory of one memfd: what was granted together. */
struct run {
	struct fork_link fork;
	int fd;
	unsigned number, domain;
	size_t pages;
	unsigned grants; /* of it that are left */
};

struct grant {
	struct grant *next;
	struct run *run;
	void *address;
};

static struct grant **bucket(struct local *local, const void *address)
{
	return &local->grants[(uintptr_t)address / PAGE_BYTES % GRANT_BUCKETS];
}

static void close_in_child(struct fork_link *link)
{
	close_descriptor(&((struct run *)((char *)link - offsetof(struct run, fork)))->fd);
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

static void unlink_run(struct local *local, const struct run *run)
{
	char name[NAME_BYTES];

	local_name(name, local->base.self, run->number, run->domain);
	unlinkat(local->grants_fd, name, 0);
}

/* A child forked in between would keep the memory. */
static void close_memory(struct run *run)
{
	fork_hold();
	close_descriptor(&run->fd);
	fork_release();
}

static int new_memory(struct run *run, const char *name)
{
	fork_hold();
	run->fd = own_descriptor(memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
	fork_release();
	return run->fd < 0 || fcntl(run->fd, F_ADD_SEALS, F_SEAL_SHRINK) ? -errno : 0;
}

/* Makes the memory under a number that is free. */
static int make_memory(struct local *local, struct run *run)
{
	char name[NAME_BYTES];
	int result = -EEXIST;

	for (int attempt = 0; result == -EEXIST && attempt < 64; attempt++) {
		run->number = 1 + local_random() % 0xffff;
		memory_name(name, local->base.self, run->number, run->domain);
		result = new_memory(run, name);
		if (result == 0)
			result = link_run(local, run->number, run->domain, run->fd);
		if (result == 0)
			return 0;
		close_memory(run);
	}
	if (result == -EEXIST)
		return fail(ENOSPC,
			    "too many grants of domain %u to domain %u are open: 65535 is "
			    "the limit",
			    local->base.self, run->domain);
	return local_fail(-result, "make memory to grant");
}

static void free_run(struct run *run)
{
	close_memory(run);
	fork_unwatch(&run->fork);
	free(run);
}

static int make_run(struct local *local, unsigned domain, struct run **result)
{
	struct run *run = calloc(1, sizeof *run);
	int error;

	if (!run)
		return fail(ENOMEM, "no memory for a grant's record");
	run->domain = domain;
	run->fd = -1;
	fork_watch(&run->fork, close_in_child);
	error = make_memory(local, run);
	if (error < 0)
		free_run(run);
	else
		*result = run;
	return error;
}

int keep_from_children(void *address, size_t size)
{
	int error;

	if (madvise(address, size, MADV_DONTFORK) == 0)
		return 0;
	error = errno == EAGAIN ? ENOMEM : errno;
	munmap(address, size);
	return local_fail(error, "keep shared memory from forked children");
}

static int map_own(const struct run *run, off_t from, size_t size, void **address)
{
	void *added = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, run->fd, from);
	int result;

	if (added == MAP_FAILED)
		return local_fail(errno, "map memory to grant");
	result = keep_from_children(added, size);
	if (result == 0)
		*address = added;
	return result;
}

/* Adds pages at the end and maps them. */
static int extend(struct run *run, size_t count, void **address)
{
	off_t from = (off_t)(run->pages * PAGE_BYTES);
	size_t size = count * PAGE_BYTES;
	int result;

	if (ftruncate(run->fd, from + (off_t)size))
		return local_fail(errno, "make memory to grant");
	fork_hold();
	result = map_own(run, from, size, address);
	fork_release();
	return result;
}

static struct grant **find_grant(struct local *local, const void *address)
{
	struct grant **slot = bucket(local, address);

	while (*slot && (*slot)->address != address)
		slot = &(*slot)->next;
	return slot;
}

static void add_grant(struct local *local, struct grant *grant)
{
	struct grant **first;

	pthread_mutex_lock(&local->mutex);
	first = bucket(local, grant->address);
	grant->next = *first;
	*first = grant;
	grant->run->grants++;
	pthread_mutex_unlock(&local->mutex);
}

/* That of the control page, if so much more fits in it. */
static struct run *run_of(struct local *local, const void *control, unsigned domain, size_t count)
{
	struct run *run = NULL;
	struct grant *grant;

	pthread_mutex_lock(&local->mutex);
	grant = *find_grant(local, control);
	if (grant && grant->run->domain == domain && grant->run->pages + count <= RUN_PAGES)
		run = grant->run;
	pthread_mutex_unlock(&local->mutex);
	return run;
}

static int grant_in(struct local *local, struct run *run, size_t count, uint32_t *references,
		    void **address)
{
	struct grant *grant = calloc(1, sizeof *grant);
	int result;

	if (!grant)
		return fail(ENOMEM, "no memory for a grant's record");
	result = extend(run, count, address);
	if (result < 0) {
		free(grant);
		return result;
	}
	for (size_t i = 0; i < count; i++)
		references[i] = (uint32_t)(run->number << RUN_SHIFT | (run->pages + i));
	run->pages += count;
	grant->run = run;
	grant->address = *address;
	add_grant(local, grant);
	return 0;
}

static int check_grant(unsigned domain, size_t count)
{
	if (count == 0 || count > RUN_PAGES)
		return fail(EINVAL, "%zu pages in one grant; 1 to %u can be", count, RUN_PAGES);
	return local_check_peer(domain);
}

int local_grant(struct platform *platform, unsigned domain, size_t count, uint32_t *references,
		void **address)
{
	struct local *local = local_of(platform);
	int result = check_grant(domain, count);
	struct run *run = NULL;

	if (result < 0)
		return result;
	result = make_run(local, domain, &run);
	if (result < 0)
		return result;
	result = grant_in(local, run, count, references, address);
	if (result < 0) {
		unlink_run(local, run);
		free_run(run);
	}
	return result;
}

int local_grant_beside(struct platform *platform, const void *control, unsigned domain,
		       size_t count, uint32_t *references, void **address)
{
	int result = check_grant(domain, count);
	struct run *run;

	if (result < 0)
		return result;
	run = run_of(local_of(platform), control, domain, count);
	if (!run)
		return local_grant(platform, domain, count, references, address);
	return grant_in(local_of(platform), run, count, references, address);
}

/* Deaths show on the channel's connection here; the byte is left alone. */
int local_grant_control(struct platform *platform, unsigned domain, size_t offset,
			struct channel *channel, uint32_t *reference, void **address)
{
	(void)offset;
	(void)channel;
	return local_grant(platform, domain, 1, reference, address);
}

/* The run, if this was the last grant of it. */
static struct run *take_grant(struct local *local, const void *address)
{
	struct run *run = NULL;
	struct grant **slot, *grant;

	pthread_mutex_lock(&local->mutex);
	slot = find_grant(local, address);
	grant = *slot;
	if (grant) {
		*slot = grant->next;
		run = --grant->run->grants == 0 ? grant->run : NULL;
		free(grant);
	}
	pthread_mutex_unlock(&local->mutex);
	return run;
}

void local_ungrant(struct platform *platform, void *address, size_t count)
{
	struct local *local = local_of(platform);
	struct run *run = take_grant(local, address);

	munmap(address, count * PAGE_BYTES);
	if (!run)
		return;
	unlink_run(local, run);
	free_run(run);
}

static void abandon_grants(struct local *local)
{
	for (unsigned i = 0; i < GRANT_BUCKETS; i++) {
		while (local->grants[i]) {
			struct grant *grant = local->grants[i];

			local->grants[i] = grant->next;
			if (--grant->run->grants == 0)
				free_run(grant->run);
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

/* Is this what a granter of that name made, and has it `pages` pages for good? 1, 0 or -errno. */
static int is_run(int fd, const char *expected, size_t pages)
{
	char link[32], path[128], wanted[NAME_BYTES + 32];
	ssize_t length;
	struct stat status;
	int seals = fcntl(fd, F_GET_SEALS);

	if (seals < 0 || (seals & F_SEAL_SHRINK) == 0)
		return 0;
	if (fstat(fd, &status))
		return local_fail(errno, "look at granted memory");
	/* Huge pages have larger blocks; they can run out at the first touch. */
	if (status.st_size < (off_t)(pages * PAGE_BYTES) || status.st_blksize != PAGE_BYTES)
		return 0;
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	length = readlink(link, path, sizeof path - 1);
	if (length < 0)
		return local_fail(errno, "look at granted memory");
	path[length] = '\0';
	snprintf(wanted, sizeof wanted, "/memfd:%s (deleted)", expected);
	return !strcmp(path, wanted);
}

static int open_run(struct local *local, unsigned domain, uint32_t reference, size_t pages,
		    bool writable)
{
	unsigned run = reference >> RUN_SHIFT;
	char name[NAME_BYTES], memory[NAME_BYTES];
	int fd, result;

	local_name(name, domain, run, local->base.self);
	memory_name(memory, domain, run, local->base.self);
	fd = own_descriptor(
		openat(local->grants_fd, name,
		       (writable ? O_RDWR : O_RDONLY) | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
	if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM))
		return local_fail(errno, "open granted memory");
	if (fd < 0)
		return bad_reference(domain, reference);
	result = is_run(fd, memory, pages);
	if (result > 0)
		return fd;
	close_descriptor(&fd);
	return result < 0 ? result : bad_reference(domain, reference);
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

static int map_all(struct local *local, unsigned domain, const uint32_t *references, size_t count,
		   bool writable, void **address)
{
	ssize_t length = 0;
	char *base;
	int result;

	/* The range is reserved first: the pieces must lie side by side. */
	base = mmap(NULL, count * PAGE_BYTES, PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (base == MAP_FAILED)
		return local_fail(errno, "reserve addresses for granted memory");
	for (size_t done = 0; done < count; done += (size_t)length) {
		length = map_stretch(local, domain, references + done, count - done, writable,
				     base + done * PAGE_BYTES);
		if (length < 0) {
			munmap(base, count * PAGE_BYTES);
			return (int)length;
		}
	}
	result = keep_from_children(base, count * PAGE_BYTES);
	if (result == 0)
		*address = base;
	return result;
}

int local_map(struct platform *platform, unsigned domain, const uint32_t *references, size_t count,
	      bool writable, void **address)
{
	int result = local_check_peer(domain);

	if (result < 0)
		return result;
	if (count == 0 || count > RUN_PAGES)
		return fail(EINVAL, "%zu pages in one mapping; 1 to %u can be", count, RUN_PAGES);
	/* Nor may a child keep the memory by its descriptor. */
	fork_hold();
	result = map_all(local_of(platform), domain, references, count, writable, address);
	fork_release();
	return result;
}

int local_map_beside(struct platform *platform, const void *control, unsigned domain,
		     const uint32_t *references, size_t count, bool writable, void **address)
{
	if (whole_part(local_of(platform), control, references, count, writable, address))
		return 0;
	return local_map(platform, domain, references, count, writable, address);
}

static int map_whole(struct local *local, unsigned domain, uint32_t reference, void **address)
{
	int fd = open_run(local, domain, reference, reference % RUN_PAGES + 1, true);
	int result = fd < 0 ? fd : whole_map(local, fd, reference, address);

	close_descriptor(&fd);
	return result;
}

/* With all of the run, most often: it holds the rings, too. */
int local_map_control(struct platform *platform, unsigned domain, uint32_t reference, size_t offset,
		      struct channel *channel, void **address)
{
	int result = local_check_peer(domain);

	(void)offset;
	(void)channel;
	if (result < 0)
		return result;
	fork_hold();
	result = map_whole(local_of(platform), domain, reference, address);
	fork_release();
	return result;
}

void local_unmap(struct platform *platform, void *address, size_t count)
{
	if (!whole_unmap(local_of(platform), address))
		munmap(address, count * PAGE_BYTES);
}

void pages_abandon(struct local *local)
{
	abandon_grants(local);
	whole_abandon(local);
}
