/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The local platform as a whole: opening, closing, which domains live. */
#include "platform/local/local.h"

#include "base/error.h"
#include "base/lock.h"
#include "platform/local/records.h"
#include "platform/local/watch.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

int local_fail(int error, const char *what)
{
	const char *cure = "";

	/* What else Linux calls a lack of memory. */
	if (error == ENOBUFS)
		error = ENOMEM;
	if (error == EMFILE)
		cure = "; ulimit -n raises it";
	else if (error == ENFILE)
		cure = "; the sysctl fs.file-max raises it";
	else if (error == ENOSPC)
		cure = "; another file system can be chosen with XSOCK_LOCAL_DIR";
	return fail(error, "cannot %s: %s%s", what, strerror(error), cure);
}

void local_name(char name[NAME_BYTES], unsigned from, unsigned number, unsigned to)
{
	snprintf(name, NAME_BYTES, "%u-%u-%u", from, number, to);
}

uint32_t local_random(void)
{
	static _Thread_local uint32_t fallback = 1;
	uint32_t value;

	if (getrandom(&value, sizeof value, GRND_NONBLOCK) == sizeof value)
		return value;
	/* Only uniqueness is asked for, and a clash is tried again. */
	return fallback += 0x9e3779b9u;
}

int local_check_peer(unsigned domain)
{
	if (domain > DOMAIN_MAX)
		return fail(EINVAL, "%u is no domain's number: they end at %u", domain, DOMAIN_MAX);
	return 0;
}

static void close_in_child(struct fork_link *link)
{
	struct local *local = (struct local *)((char *)link - offsetof(struct local, fork));

	directory_close(local);
	records_close(local->records);
}

static int local_open(struct platform **platform)
{
	struct local *local = calloc(1, sizeof *local);
	int result;

	if (!local)
		return fail(ENOMEM, "no memory for the local platform");
	local->root_fd = local->grants_fd = local->ports_fd = local->base.lock_fd = -1;
	result = directory_own_domain(&local->base.self);
	if (result >= 0)
		result = directory_open(local);
	if (result >= 0)
		result = records_open(local->root_fd, &local->records);
	if (result < 0) {
		directory_close(local);
		free(local);
		return result;
	}
	pthread_mutex_init(&local->mutex, NULL);
	fork_watch(&local->fork, close_in_child);
	*platform = &local->base;
	return 0;
}

static void local_abandon(struct platform *platform)
{
	struct local *local = local_of(platform);

	fork_unwatch(&local->fork);
	directory_close(local);
	records_free(local->records);
	pages_abandon(local);
	free(local);
}

static void local_close(struct platform *platform)
{
	pthread_mutex_destroy(&local_of(platform)->mutex);
	local_abandon(platform);
}

static int local_domain_exists(struct platform *platform, unsigned domain)
{
	int fd, result;

	if (domain == platform->self)
		return 1;
	if (domain > DOMAIN_MAX)
		return 0;
	fd = directory_open_domain(local_of(platform), domain, O_RDONLY);
	if (fd < 0)
		return errno == ENOENT ? 0 : local_fail(errno, "look for the domain");
	result = lock_held(fd, 0, 0);
	close_descriptor(&fd);
	return result;
}

int local_mark(struct local *local)
{
	if (atomic_load_explicit(&local->marked, memory_order_relaxed))
		return 0;
	if (pwrite(local->base.lock_fd, "", 1, 0) != 1)
		return local_fail(errno, "mark the lock file of this domain");
	atomic_store_explicit(&local->marked, true, memory_order_relaxed);
	return 0;
}

static bool is_marked(const struct local *local)
{
	struct stat status;

	return fstat(local->base.lock_fd, &status) || status.st_size > 0;
}

static void local_sweep(struct platform *platform)
{
	struct local *local = local_of(platform);
	unsigned dead = 0;

	if (!is_marked(local))
		return;
	directory_sweep(local->grants_fd, platform->self);
	directory_sweep(local->ports_fd, platform->self);
	/* With the mark in place what is left is the next sweep's. */
	if (watch_sweep(local, true, &dead) < 0)
		return;
	atomic_store_explicit(&local->marked, false, memory_order_relaxed);
	/* One that stays costs the next sweep a look. */
	if (ftruncate(local->base.lock_fd, 0))
		return;
}

const struct platform_ops local_platform_ops = {
	.name = "local",
	.reaches_itself = true,
	.channels_tell_all = true,
	.probe = directory_probe,
	.store_is_empty = directory_is_missing,
	.open = local_open,
	.close = local_close,
	.abandon = local_abandon,
	.domain_exists = local_domain_exists,
	.sweep = local_sweep,
	.store_open = local_store_open,
	.store_close = local_store_close,
	.store_abandon = local_store_abandon,
	.store_read = local_store_read,
	.store_write = local_store_write,
	.store_put = local_store_put,
	.store_remove = local_store_remove,
	.store_get_permissions = local_store_get_permissions,
	.store_set_permissions = local_store_set_permissions,
	.store_list = local_store_list,
	.store_watch = local_store_watch,
	.store_unwatch = local_store_unwatch,
	.store_fd = local_store_fd,
	.store_next = local_store_next,
	.grant = local_grant,
	.grant_beside = local_grant_beside,
	.grant_control = local_grant_control,
	.ungrant = local_ungrant,
	.map = local_map,
	.map_beside = local_map_beside,
	.map_control = local_map_control,
	.unmap = local_unmap,
	.channel_offer = local_channel_offer,
	.channel_bind = local_channel_bind,
	.channel_close = local_channel_close,
	.channel_abandon = local_channel_abandon,
	.channel_notify = local_channel_notify,
	.channel_drain = local_channel_drain,
	.channel_fds = local_channel_fds,
	.channel_lost = local_channel_lost,
	.channel_repeats = true,
};
