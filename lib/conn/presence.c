/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conn/presence.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/error.h"
#include "base/fork.h"
#include "base/lock.h"
#include "base/owned.h"
#include "conn/address.h"

/* Bytes of the lock file. */
#define GATE_BYTE 0   /* held while somebody comes or goes: some XenStore round trips */
#define USERS_BYTE 1  /* shared by all who are in */
#define NAMES_BYTE 16 /* from here on: a byte for each service's name, by hash */

#define GATE_LIMIT 2000 /* ms */
#define PLATFORMS 2

/* One entry for each platform that this process is on. */
static struct {
	struct platform *platform;
	unsigned users;
	unsigned generation;
} entries[PLATFORMS];

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void lock_entries(void)
{
	pthread_mutex_lock(&mutex);
}

static void unlock_entries(void)
{
	pthread_mutex_unlock(&mutex);
}

/* A fork in the middle of coming or going would leave the child a lock that nobody opens. */
static void guard_forks(void)
{
	pthread_atfork(lock_entries, unlock_entries, unlock_entries);
}

/* It says something that another domain's would not: a restored one may get the number it had. */
static int write_alive(struct platform *platform, struct store *store)
{
	struct store_permissions readable = { .owner = platform->self, .others = ACCESS_READ };
	char path[STORE_PATH_MAX];
	uint32_t number = 0;
	ssize_t length;

	path_alive(path, platform->self);
	length = platform->ops->store_read(store, path, platform->alive, sizeof platform->alive);
	/* Written over because it could not be read, it would look to the domain's other processes
	 * like a restore. */
	if (length != -ENOENT && length != -EACCES && length != -E2BIG)
		return length < 0 ? (int)length : 0;
	if (getrandom(&number, sizeof number, GRND_NONBLOCK) != sizeof number)
		number = (uint32_t)getpid();
	snprintf(platform->alive, sizeof platform->alive, "%06x", number & 0xffffff);
	return platform->ops->store_put(store, path, platform->alive, &readable);
}

int presence_lasts(struct platform *platform, struct store *store)
{
	char path[STORE_PATH_MAX], value[sizeof platform->alive];
	ssize_t length;

	path_alive(path, platform->self);
	length = platform->ops->store_read(store, path, value, sizeof value);
	if (length == -ENOENT || length == -EACCES || length == -E2BIG)
		return 0;
	return length < 0 ? (int)length : strcmp(value, platform->alive) == 0;
}

/* Only while no other process of the domain is in. */
static void clean_up(struct platform *platform, struct store *store)
{
	char path[STORE_PATH_MAX];

	platform->ops->sweep(platform);
	path_root(path, platform->self);
	platform->ops->store_remove(store, path);
}

/* With the gate held. */
static int enter_domain(struct platform *platform, struct store *store)
{
	int fd = platform->lock_fd;
	int error;

	if (lock_try(fd, USERS_BYTE, LOCK_EXCLUSIVE) == 0)
		clean_up(platform, store);
	error = lock_try(fd, USERS_BYTE, LOCK_SHARED);
	if (error == 0)
		error = write_alive(platform, store);
	if (error != 0)
		lock_drop(fd, USERS_BYTE);
	return error;
}

static int come_in(struct platform *platform)
{
	struct store *store;
	int error = platform->ops->store_open(platform, &store);

	if (error != 0)
		return error;
	error = lock_wait(platform->lock_fd, GATE_BYTE, LOCK_EXCLUSIVE, GATE_LIMIT);
	if (error == 0) {
		error = enter_domain(platform, store);
		lock_drop(platform->lock_fd, GATE_BYTE);
	} else if (error == -ETIMEDOUT) {
		error = fail(
			ETIMEDOUT,
			"another process of this domain has been coming or going for %d ms: is it stopped?",
			GATE_LIMIT);
	}
	platform->ops->store_close(store);
	return error;
}

/* Without the gate the worst is a node left over, which the next to come removes. */
static void go_out(struct platform *platform)
{
	int fd = platform->lock_fd;
	int gate = lock_wait(fd, GATE_BYTE, LOCK_EXCLUSIVE, GATE_LIMIT);
	struct store *store;

	if (gate == 0 && lock_try(fd, USERS_BYTE, LOCK_EXCLUSIVE) == 0 &&
	    platform->ops->store_open(platform, &store) == 0) {
		clean_up(platform, store);
		platform->ops->store_close(store);
	}
	lock_drop(fd, USERS_BYTE);
	lock_drop(fd, GATE_BYTE);
}

static int enter_counted(struct platform *platform)
{
	/* At most one of each kind is in: there is one free, or its own. */
	int slot = 0;
	int error;

	for (int at = 0; at < PLATFORMS; at++) {
		/* A forked child starts anew: what its parent had here is not the child's. */
		if (entries[at].generation != fork_generation())
			entries[at].platform = NULL;
		if (entries[at].platform == platform) {
			entries[at].users++;
			return 0;
		}
		if (entries[at].platform == NULL)
			slot = at;
	}
	error = come_in(platform);
	if (error != 0)
		return error;
	entries[slot].platform = platform;
	entries[slot].users = 1;
	entries[slot].generation = fork_generation();
	return 0;
}

/* With the lock held. */
static void leave_behind(struct platform *platform)
{
	for (int at = 0; at < PLATFORMS; at++)
		if (entries[at].platform == platform)
			entries[at].platform = NULL;
	lock_drop(platform->lock_fd, USERS_BYTE);
	platform_retire(platform);
}

void presence_leave_behind(struct platform *platform)
{
	lock_entries();
	leave_behind(platform);
	unlock_entries();
}

static bool is_in(const struct platform *platform)
{
	for (int at = 0; at < PLATFORMS; at++)
		if (entries[at].platform == platform && entries[at].generation == fork_generation())
			return true;
	return false;
}

/* While something is open nobody may have noticed yet; or another thread did just now. */
static bool was_restored(struct platform *platform)
{
	struct store *store;
	int lasts;

	if (platform->retired)
		return true;
	if (platform->ops->channels_tell_all || !is_in(platform) ||
	    platform->ops->store_open(platform, &store) != 0)
		return false;
	lasts = presence_lasts(platform, store);
	platform->ops->store_close(store);
	return lasts == 0;
}

static int get_anew(const char *name, struct platform **platform)
{
	leave_behind(*platform);
	platform_put(*platform);
	return platform_get(name, platform);
}

int presence_enter(const char *name, struct platform **platform)
{
	int error = platform_get(name, platform);

	if (error != 0)
		return error;
	/* After the platform's own, which is taken below this one's lock. */
	pthread_once(&once, guard_forks);
	lock_entries();
	if (was_restored(*platform))
		error = get_anew(name, platform);
	if (error != 0) {
		unlock_entries();
		return error;
	}
	error = enter_counted(*platform);
	unlock_entries();
	if (error != 0)
		platform_put(*platform);
	return error;
}

void presence_hold(struct platform *platform)
{
	lock_entries();
	for (int at = 0; at < PLATFORMS; at++)
		entries[at].users += entries[at].platform == platform;
	unlock_entries();
	platform_hold(platform);
}

void presence_leave(struct platform *platform)
{
	failure_hold();
	lock_entries();
	for (int at = 0; at < PLATFORMS; at++) {
		if (entries[at].platform != platform ||
		    entries[at].generation != fork_generation() || --entries[at].users > 0)
			continue;
		go_out(platform);
		entries[at].platform = NULL;
	}
	unlock_entries();
	platform_put(platform);
	failure_release();
}

/* FNV-1a; two names that share a byte could only make one of them look taken. */
static off_t name_byte(const char *service)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (; *service != '\0'; service++)
		hash = (hash ^ (unsigned char)*service) * 0x100000001b3u;
	return NAMES_BYTE + (off_t)(hash >> 2);
}

int presence_take_name(struct platform *platform, const char *service, int *fd)
{
	char path[64];
	int error;

	/* A description of its own, so that two listeners of one process exclude each other as
	 * well. */
	snprintf(path, sizeof path, "/proc/self/fd/%d", platform->lock_fd);
	/* A child forked before it is where a child closes it would keep the name when this process
	 * dies. */
	fork_hold();
	*fd = own_descriptor(open(path, O_RDWR | O_CLOEXEC));
	fork_release();
	if (*fd < 0)
		return fail(errno, "cannot open this domain's lock file again");
	error = lock_try(*fd, name_byte(service), LOCK_EXCLUSIVE);
	if (error == 0)
		return 0;
	close_descriptor(fd);
	if (error != -EAGAIN)
		return error;
	return fail(EADDRINUSE, "a listener of this domain is alive under the name '%s'", service);
}

int presence_anyone(int lock_fd)
{
	return lock_held(lock_fd, USERS_BYTE, 1);
}

int presence_name_taken(int lock_fd, const char *service)
{
	return lock_held(lock_fd, name_byte(service), 1);
}

void presence_drop_name(const char *service, int *fd)
{
	/* Not by closing alone: a child that is just being forked has a copy of the descriptor for
	 * a moment. */
	if (*fd >= 0)
		lock_drop(*fd, name_byte(service));
	close_descriptor(fd);
}
